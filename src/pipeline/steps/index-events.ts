import {
  areEventsStored,
  createEventSegments,
  insertEvents,
} from '../../knowledge/insert-events.ts'
import type { Sink } from '../sink.ts'
import { PartialFailure } from '../step.ts'
import type { PatternedEvent } from './pattern.ts'

/**
 * Stores events so that questions find them, and counts them by the minute. An event is its record's, so a batch that
 * comes again changes nothing, and a record that was made into two events is named as failed: the second would be lost.
 * One that goes on with an event of an earlier batch takes its place.
 */
export function index(): Sink<PatternedEvent> {
  return {
    name: 'index',
    open: (resources) => {
      const ensureEventSegments = createEventSegments(resources)
      return {
        prepare: async (all, { shardId }) => {
          const events = withoutShorter(all)
          const doubled = sequencesOfTwo(events)
          if (doubled.length > 0) return async () => new PartialFailure(doubled, reason)
          const bounds = boundsOf(events)
          if (bounds) await ensureEventSegments(...bounds)
          const mayRepeat = bounds !== null && (await areEventsStored(resources, shardId, bounds))
          return (client) => insertEvents(client, shardId, events, { mayRepeat })
        },
      }
    },
  }
}

const reason =
  'expected one event a record, got several; append them as records of their own, or send them to a table of yours'

/** Without the events that a longer one of the same batch replaces: a batch may go through the steps in several calls. */
function withoutShorter(events: readonly PatternedEvent[]): readonly PatternedEvent[] {
  const longest = new Map<bigint, PatternedEvent>()
  for (const event of events) if (event.isLonger) longest.set(event.sequence, event)
  if (longest.size === 0) return events
  return events.filter((event) => (longest.get(event.sequence) ?? event) === event)
}

/** The lowest and the highest number: an event that goes on with an older one has that one's. */
function boundsOf(events: readonly PatternedEvent[]): [bigint, bigint] | null {
  const [first] = events
  if (!first) return null
  let [low, high] = [first.sequence, first.sequence]
  for (const { sequence } of events) {
    if (sequence < low) low = sequence
    if (sequence > high) high = sequence
  }
  return [low, high]
}

function sequencesOfTwo(events: readonly PatternedEvent[]): bigint[] {
  const seen = new Set<bigint>()
  return events.flatMap(({ sequence }) => {
    if (seen.has(sequence)) return [sequence]
    seen.add(sequence)
    return []
  })
}
