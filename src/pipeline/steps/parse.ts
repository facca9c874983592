import { formatCitation } from '../../log/citation.ts'
import type { LogRecord } from '../../log/read-records.ts'
import type { Step, StepContext, StepOptions } from '../step.ts'
import { createJoiner } from './parse/join/join-records.ts'
import type { ParsedEvent } from './parse/parse-record.ts'

/**
 * Records as events, in whatever format they are: no line is dropped, and none fails. The lines of a stack trace are one
 * event with the line before them, its first record's; one whose lines come in several batches is yielded again, whole,
 * with `continues` and the `id` that it had. A line without a time of its own gets that of the line before it of the same source.
 */
export function parse(options: StepOptions = {}): Step<LogRecord, ParsedEvent> {
  return {
    name: 'parse',
    shape: 'spread',
    options: { timeoutMs: 60_000, ...options },
    open: (resources) => {
      const join = createJoiner(resources)
      return (records, context) => {
        const joined = join(records, context)
        return Array.isArray(joined)
          ? identify(joined, context)
          : joined.then((events) => identify(events, context))
      }
    },
  }
}

/** Gives events, a list for each record of the call, their ids. */
function identify(joined: ParsedEvent[][], { stream, shard, records }: StepContext) {
  for (const [index, events] of joined.entries())
    for (const event of events) {
      const sequence = event.continues ?? records[index]?.sequence
      if (sequence !== undefined) event.id = formatCitation({ stream, shard, sequence })
    }
  return joined
}
