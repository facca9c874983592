import type { Step, StepOptions } from '../step.ts'
import type { ParsedEvent } from './parse/parse-record.ts'
import { redactEvent } from './redact/redact-event.ts'
import { readRedactionSalt } from './redact/redaction-salt.ts'

/**
 * Events without secrets: placeholders stand for them, the same for the same secret within this database. It belongs
 * before anything that stores, embeds or sends on.
 */
export function redact(options: StepOptions = {}): Step<ParsedEvent, ParsedEvent> {
  return {
    name: 'redact',
    shape: 'each',
    options: { timeoutMs: 60_000, ...options },
    open: async (resources) => {
      const redaction = { salt: await readRedactionSalt(resources) }
      return (events) => events.map((event) => redactEvent(event, redaction).event)
    },
  }
}
