import type { Step, StepOptions } from '../step.ts'
import type { ParsedEvent } from './parse/parse-record.ts'
import { compileRules, type RedactRule } from './redact/compile-rules.ts'
import type { RedactionOptions } from './redact/placeholder.ts'
import { redactEvent } from './redact/redact-event.ts'
import { readRedactionSalt } from './redact/redaction-salt.ts'

export interface RedactOptions extends StepOptions {
  /** Rules of your own, which run after all others, in time linear in the text. Default: none. */
  rules?: readonly RedactRule[]
  /** IPv4 and IPv6 addresses as well. Default false: they are searched for. */
  ips?: boolean
  /** Names of users as well, where a key or a well-known phrase says that one is meant. Default false. */
  userNames?: boolean
}

/**
 * Events without secrets: placeholders stand for them, the same for the same secret within this database. It belongs
 * before anything that stores, embeds or sends on. What was taken out is counted, by rule, with the batch.
 */
export function redact(options: RedactOptions = {}): Step<ParsedEvent, ParsedEvent> {
  const { rules = [], ips = false, userNames = false, ...stepOptions } = options
  const own = compileRules(rules)
  return {
    name: 'redact',
    shape: 'each',
    options: { timeoutMs: 60_000, ...stepOptions },
    open: async (resources) => {
      const redaction: RedactionOptions = {
        salt: await readRedactionSalt(resources),
        ips,
        userNames,
        own,
        cleanNames: new Set(),
      }
      return (events, { records, countRedactions }) => {
        const results = events.map((event) => redactEvent(event, redaction))
        for (const [index, { event, counts }] of results.entries()) {
          const record = records[index]
          if (record && event !== events[index]) countRedactions(record.sequence, counts)
        }
        return results.map(({ event }) => event)
      }
    },
  }
}
