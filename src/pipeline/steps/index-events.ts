import { createEventSegments, insertEvents } from '../../knowledge/insert-events.ts'
import type { Sink } from '../sink.ts'
import { PartialFailure } from '../step.ts'
import type { PatternedEvent } from './pattern.ts'

/**
 * Stores events so that questions find them, and counts them by the minute. An event is its record's, so a batch that
 * comes again changes nothing, and a record that was made into two events is named as failed: the second would be lost.
 */
export function index(): Sink<PatternedEvent> {
  return {
    name: 'index',
    open: (resources) => {
      const ensureEventSegments = createEventSegments(resources)
      return {
        prepare: async (events, { shardId }) => {
          const doubled = sequencesOfTwo(events)
          if (doubled.length > 0) return async () => new PartialFailure(doubled, reason)
          const [first, last] = [events[0], events.at(-1)]
          if (first && last) await ensureEventSegments(first.sequence, last.sequence)
          return (client) => insertEvents(client, shardId, events)
        },
      }
    },
  }
}

const reason =
  'expected one event a record, got several; append them as records of their own, or send them to a table of yours'

function sequencesOfTwo(events: readonly PatternedEvent[]): bigint[] {
  return events
    .filter((event, at) => event.sequence === events[at - 1]?.sequence)
    .map((event) => event.sequence)
}
