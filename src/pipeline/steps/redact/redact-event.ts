import type { ParsedEvent } from '../parse/parse-record.ts'
import type { RedactionCounts, RedactionOptions } from './placeholder.ts'
import { redactLeaves } from './redact-json.ts'
import { redactName } from './redact-name.ts'
import { redactInto } from './redact-text.ts'

/**
 * An event without secrets: its body, its attributes, leaf by leaf, and its names, with placeholders. Comes before
 * anything is stored, embedded or sent on. An event without secrets is returned itself.
 */
export function redactEvent(
  event: ParsedEvent,
  options: RedactionOptions = {},
): { event: ParsedEvent; counts: RedactionCounts } {
  const counts: RedactionCounts = {}
  const body = redactInto(event.body, counts, options)
  const attributes = redactLeaves(event.attributes, '', false, 0, counts, options) as Record<
    string,
    unknown
  >
  let names: Partial<Record<(typeof nameFields)[number], string>> | undefined
  for (const field of nameFields) {
    const name = event[field]
    if (name === null) continue
    const safe = redactName(name, counts, options)
    if (safe === name) continue
    names ??= {}
    names[field] = safe
  }
  if (body === event.body && attributes === event.attributes && names === undefined)
    return { event, counts }
  return { event: { ...event, body, attributes, ...names }, counts }
}

/** What a sender says of itself: a URL with its password in it, or a mail address, has been seen as a host's name. */
const nameFields = ['service', 'host', 'pod', 'namespace', 'traceId', 'spanId'] as const
