import { z } from 'zod'
import { validate } from '../../base/validate.ts'
import type { Step, StepOptions } from '../step.ts'
import type { ParsedEvent } from './parse/parse-record.ts'
import { compileRules, type RedactRule } from './redact/compile-rules.ts'
import type { RedactionCounts, RedactionOptions } from './redact/placeholder.ts'
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

/** Rules are checked by compileRules, what every step has by the definition. */
const optionsSchema = z.strictObject({
  rules: z.unknown().optional(),
  ips: z.boolean().optional(),
  userNames: z.boolean().optional(),
  timeoutMs: z.unknown().optional(),
  retry: z.unknown().optional(),
})

/**
 * Events without secrets: placeholders stand for them, the same for the same secret within this database. It belongs
 * before anything that stores, embeds or sends on. What was taken out is counted, by rule, with the batch.
 */
export function redact(options: RedactOptions = {}): Step<ParsedEvent, ParsedEvent> {
  validate(optionsSchema, options, 'redact')
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
          const given = events[index]
          if (record && given && event !== given)
            countRedactions(record.sequence, withoutBefore(counts, given, redaction))
        }
        return results.map(({ event }) => event)
      }
    },
  }
}

/** Of an event that was yielded before, shorter, what was not counted then. */
function withoutBefore(
  counts: RedactionCounts,
  event: ParsedEvent,
  options: RedactionOptions,
): RedactionCounts {
  if (event.lengthBefore === undefined) return counts
  const before = redactEvent({ ...event, body: event.body.slice(0, event.lengthBefore) }, options)
  return Object.fromEntries(
    Object.entries(counts)
      .map(([rule, found]) => [rule, found - (before.counts[rule] ?? 0)] as const)
      .filter(([, more]) => more > 0),
  )
}
