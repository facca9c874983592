import type { Event } from '../../knowledge/insert-events.ts'
import { maskBody } from '../../knowledge/mask.ts'
import { createPatternMatcher } from '../../knowledge/match-patterns.ts'
import type { Step, StepOptions } from '../step.ts'
import type { ParsedEvent } from './parse/parse-record.ts'
import { createMeetings } from './pattern/meetings.ts'
import { termsOf } from './terms.ts'

/** An event as it is stored and found: with its record's sequence number, its pattern and its terms. */
export interface PatternedEvent extends Event {
  /**
   * When this process last met a new shape of the pattern, in meetings of its own: the pattern may have changed then, so
   * a vector that was looked for before may be missing.
   */
  metAt: number
}

/**
 * Events with the pattern that they share with others of their kind. Patterns are committed before the batch: they are
 * the same whoever makes them, so a batch that runs again finds them.
 */
export function pattern(options: StepOptions = {}): Step<ParsedEvent, PatternedEvent> {
  return {
    name: 'pattern',
    shape: 'each',
    options: { timeoutMs: 60_000, ...options },
    open: (resources) => {
      const matcher = createPatternMatcher(resources)
      const meetings = createMeetings()
      return async (events, { records }) => {
        const lines = events.map((event, index) => prepare(event, records[index]?.sequence ?? 0n))
        const { patternIds, met } = await matcher.match(lines)
        meetings.add(met)
        for (const [index, { event }] of lines.entries()) {
          event.patternId = patternIds[index] ?? 0
          event.metAt = meetings.lastOf(event.patternId)
        }
        return lines.map((line) => line.event)
      }
    },
  }
}

/** What is matched, beside the event that the match completes: made once a line, not copied. */
function prepare(parsed: ParsedEvent, sequence: bigint) {
  const { shape, terms } = maskBody(parsed.body)
  const service = parsed.service ?? ''
  const { severity, body } = parsed
  const event: PatternedEvent = {
    sequence: parsed.continues ?? sequence,
    isLonger: parsed.continues !== undefined,
    at: parsed.at,
    patternId: 0,
    severity,
    service,
    host: parsed.host,
    pod: parsed.pod,
    traceId: parsed.traceId,
    body,
    attributes: attributesOf(parsed),
    terms: termsOf(parsed, terms),
    metAt: 0,
  }
  return { service, severity, shape, example: body, event }
}

function attributesOf({ attributes, marks }: ParsedEvent): string | null {
  const all = marks.length > 0 ? { ...attributes, marks } : attributes
  return Object.keys(all).length > 0 ? JSON.stringify(all) : null
}
