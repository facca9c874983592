import type { Pool } from 'pg'
import type { LogRecord } from '../../../../log/read-records.ts'
import { timeOfSequence } from '../../../../log/sequence.ts'
import type { StepContext } from '../../../step.ts'
import { type ParsedEvent, type ReadRecord, readRecord } from '../parse-record.ts'
import { lookBack } from './look-back.ts'
import {
  continueEvent,
  isOrphan,
  maxGapMs,
  type OpenEvent,
  openEvent,
  reopen,
} from './open-event.ts'
import { createSourceMemory, type ShardMemory } from './source-memory.ts'

/*
 * Joins the lines of a stack trace (a statement, a dump) to the line that they belong to: one event, cited by its first
 * record, whatever batches its lines come in.
 *
 *   record --its line opens with a time or a level, or continues nothing--> a new event, yielded at its record
 *      | continues the source's last event, which this call opened --> added to it; yields nothing itself
 *      | continues one that an earlier call yielded --> the whole event once more, longer, with `continues`: the index
 *        replaces the shorter one in the transaction of the batch
 *
 * The event is yielded whole, not only its new lines: redaction sees a key that two batches share, and the pattern is
 * that of the whole body, the same however the batches fell. A source is a partition key and who wrote the line by what
 * wraps it (pod, container, stream, file); a key belongs to one lane, so its lines come in their order.
 *
 * Owner of the truth: the log. The memory (source-memory.ts) is what was read of it. Where it has a gap (a take-over, a
 * restart, a batch cut by a failure) and a line wants for the one before it, the last records before the gap are read
 * again, once, and joined the same way.
 *
 * A crash before the commit: the batch comes again, to whoever takes the shard, with the same lines before it, and makes
 * the same events. After it: the checkpoint is past it. Between two batches that share an event: the shorter one is
 * stored, and the next batch replaces it. Where the first record ended in the dead letters, the event is stored under
 * its number by the first batch that continues it.
 */

/** An opened joiner: a list for each record, of the event that it begins or, in a later call, goes on with; or of none. */
export function createJoiner(deps: {
  pool: Pool
}): (
  records: readonly LogRecord[],
  context: Pick<StepContext, 'shardId' | 'span'>,
) => Promise<ParsedEvent[][]> | ParsedEvent[][] {
  const memory = createSourceMemory()
  return (records, { shardId, span }) => {
    const lines = records.map((record) => lineOf(record))
    if (!span) return joinLines(lines, new Map(), undefined)
    const shard = memory.enter(shardId, span)
    if (!wantsMore(lines, shard)) return joinLines(lines, new Map(), shard)
    shard.lookingBack ??= seed(deps, shard, shardId)
    return shard.lookingBack.then(
      () => joinLines(lines, new Map(), shard),
      (error: unknown) => {
        shard.lookingBack = undefined
        throw error
      },
    )
  }
}

interface Line {
  record: LogRecord
  read: ReadRecord
  source: string
}

function lineOf(record: LogRecord): Line {
  const read = readRecord(record)
  const { partitionKey } = record
  return {
    record,
    read,
    source: read.origin === '' ? partitionKey : `${partitionKey}\u0000${read.origin}`,
  }
}

/** True when the first line of some source lacks what only a line before it can give, and nobody knows that one. */
function wantsMore(lines: readonly Line[], shard: ShardMemory): boolean {
  const first = lines[0]
  if (first === undefined || shard.isSeeded) return false
  const nearest = timeOfSequence(shard.start).getTime() + maxGapMs
  const seen = new Set<string>()
  for (const { record, read, source } of lines) {
    if (record.arrivedAt.getTime() > nearest) return false
    if (seen.has(source)) continue
    seen.add(source)
    const isBare = read.loose !== null || read.event.at.getTime() === record.arrivedAt.getTime()
    if (isBare && shard.find(source, record.sequence) === undefined) return true
  }
  return false
}

async function seed(deps: { pool: Pool }, shard: ShardMemory, shardId: number): Promise<void> {
  const { records, isAll } = await lookBack(deps, shardId, shard.start)
  const known = new Map<string, OpenEvent>()
  const lines = records.map((record) => lineOf(record))
  // Of an event whose beginning is not among them nothing is known.
  joinLines(lines, known, undefined, isAll)
  for (const [source, open] of known) shard.seed(source, open)
  shard.isSeeded = true
}

/** Joins lines in their order. `own` holds what this call opened, by source. */
function joinLines(
  lines: readonly Line[],
  own: Map<string, OpenEvent>,
  shard: ShardMemory | undefined,
  takesOrphans = true,
): ParsedEvent[][] {
  const before = new Map<string, OpenEvent | undefined>()
  const yielded: ParsedEvent[][] = []
  for (const { record, read, source } of lines) {
    let open = own.get(source)
    if (open !== undefined && continueEvent(open, record, read)) {
      yielded.push([])
      continue
    }
    if (open === undefined) {
      const earlier = shard?.find(source, record.sequence)
      before.set(source, earlier)
      open = earlier
      if (earlier !== undefined && read.loose !== null) {
        const again = reopen(earlier)
        if (continueEvent(again, record, read)) {
          own.set(source, again)
          yielded.push([again.event])
          continue
        }
      }
      if (earlier === undefined && !takesOrphans && isOrphan(read)) {
        yielded.push([])
        continue
      }
    }
    const opened = openEvent(record, read, open)
    own.set(source, opened)
    yielded.push([opened.event])
  }
  if (shard) for (const [source, open] of own) shard.set(source, open, before.get(source))
  return yielded
}
