import type { Draft, ReadLine } from './draft.ts'
import { isContainerLine, readContainerLine } from './kubernetes.ts'
import { isKubernetesEvent, readKubernetesEvent } from './kubernetes-event.ts'
import { isOtlp, readOtlp } from './otlp.ts'
import { readShippedFields } from './shipped-fields.ts'

/** A number too long for a double, outside a string. */
const longNumber = /[:,[]\s{0,4}-?\d{16}/

/**
 * Reads a record that is one JSON object: OTLP, a container's line, a Kubernetes event, or any
 * logger's fields. One that says nothing is its own body, but a container's empty line stays empty.
 * False when it does not parse, with the mark `broken_json` where it was meant to be JSON.
 */
export function readJson(
  draft: Draft,
  text: string,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  const record = parseObject(text)
  if (record === null) {
    if (/^\{\s{0,8}(?:"|$)/.test(text)) draft.marks.add('broken_json')
    return false
  }
  if (isContainerLine(record)) {
    readContainerLine(draft, record, arrivedMs, readLine)
    return true
  }
  if (isOtlp(record)) readOtlp(draft, record, arrivedMs, readLine)
  else if (isKubernetesEvent(record)) readKubernetesEvent(draft, record, arrivedMs)
  else readShippedFields(draft, record, arrivedMs, readLine)
  if (draft.body === null || draft.body.trim() === '') draft.body = text
  return true
}

/** Ids of 16 digits and more would lose their last ones as doubles: they become strings. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = longNumber.test(text)
      ? JSON.parse(text, keepLongNumber)
      : JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function keepLongNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}
