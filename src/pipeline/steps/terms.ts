import type { ParsedEvent } from './parse/parse-record.ts'
import { traceTerms } from './trace-terms.ts'

/** Fields that say the same for all lines of a source: they narrow nothing, and the columns have what matters. */
const commonFields = new Set(['labels', 'stream', 'container'])
const maxTerms = 96
/** A secret's, alone in a field: `<email:3fa2c1>`; in a body its brackets are no part of it either. */
const placeholder = /^<([a-z_]{2,20}:[0-9a-f]{6})>$/
const maxLength = 128

/**
 * What an event is found by exactly, beside the words of its pattern: its trace, span, pod and host, the variable tokens
 * of its body, the exceptions and frames of its stack trace, and the short single-word values of its attributes. Lower case, each once, at most 96.
 */
export function termsOf(event: ParsedEvent, bodyTerms: readonly string[]): string[] {
  const terms = new Set<string>()
  const add = (value: string | null) => {
    if (value !== null && value !== '' && value.length <= maxLength && terms.size < maxTerms)
      terms.add(value.toLowerCase())
  }
  add(event.traceId)
  add(event.spanId)
  add(event.pod)
  add(event.host)
  // The exceptions and frames of a trace first: masking takes the body's words in their order, and a trace is long.
  const isTrace = event.body.includes('\n') || event.severity >= 17
  if (isTrace) for (const term of traceTerms(event.body)) add(term)
  for (const term of bodyTerms) add(term)
  addLeaves(event.attributes, add, 0)
  return [...terms]
}

function addLeaves(value: unknown, add: (value: string) => void, depth: number): void {
  if (typeof value === 'string') {
    if (!/\s/.test(value)) add(value.replace(placeholder, '$1'))
    else if (value.includes('\n')) for (const term of traceTerms(value)) add(term)
  } else if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) > 99) add(String(value))
  } else if (value !== null && typeof value === 'object' && depth < 6) {
    for (const [key, child] of Object.entries(value))
      if (!commonFields.has(key)) addLeaves(child, add, depth + 1)
  }
}
