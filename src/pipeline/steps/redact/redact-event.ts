import type { ParsedEvent } from '../parse/parse-record.ts'
import type { RedactionCounts, RedactionOptions, RedactionRule } from './placeholder.ts'
import { redactJson } from './redact-json.ts'
import { redactText } from './redact-text.ts'

/**
 * An event without secrets: its body and attributes, leaf by leaf, with placeholders. Comes before
 * anything is stored, embedded or sent on. Names (service, host, pod) and ids stay as they are; an
 * event without secrets is returned itself.
 */
export function redactEvent(
  event: ParsedEvent,
  options: RedactionOptions = {},
): { event: ParsedEvent; counts: RedactionCounts } {
  const body = redactText(event.body, options)
  const attributes = redactJson(event.attributes, options)
  const counts = { ...body.counts }
  for (const [rule, found] of Object.entries(attributes.counts)) {
    counts[rule as RedactionRule] = (counts[rule as RedactionRule] ?? 0) + found
  }
  if (body.text === event.body && attributes.value === event.attributes) return { event, counts }
  return {
    event: {
      ...event,
      body: body.text,
      attributes: attributes.value as Record<string, unknown>,
    },
    counts,
  }
}
