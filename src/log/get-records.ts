import type { Pool } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { admitRead } from './admit-read.ts'
import { type ChildShard, findChildren } from './find-children.ts'
import { decodeIterator, encodeIterator, requireFresh } from './iterator.ts'
import { readEnd } from './read-end.ts'
import { type LogRecord, readRecords } from './read-records.ts'

const schema = z.strictObject({
  shardIterator: z.string().max(512),
  /** Default and most: 10,000. */
  limit: z.number().int().min(1).max(10_000).default(10_000),
})

export type GetRecordsInput = z.input<typeof schema>

export interface GetRecordsResult {
  /** Where the iterator belongs: with it, a record's number makes a citation. */
  stream: string
  shard: number
  /** Ascending; at most 10 MiB, but for one larger record alone. May be empty. */
  records: LogRecord[]
  /** Where to go on, also when nothing was found; null at the end of a closed shard. */
  nextShardIterator: string | null
  /** 0 when nothing more is there; else how long ago the last record returned arrived, in ms. */
  millisBehindLatest: number
  /** At the end of a closed shard: where its hash keys have gone. Else empty. */
  childShards: ChildShard[]
}

/**
 * Reads on from an iterator, which stays valid until it expires: a call that failed can be made again with it.
 * Fails with `invalid_argument` on what is no iterator of this database, `iterator_expired` after 5 minutes, `not_found`
 * when the stream was deleted, `throughput_exceeded` (retryable) beyond the read limits of a stream that has them.
 */
export async function getRecords(
  deps: { pool: Pool },
  input: GetRecordsInput,
): Promise<GetRecordsResult> {
  const { shardIterator, limit } = validate(schema, input, 'get records')
  try {
    const { key, nowMs } = await readClock(deps)
    const position = decodeIterator(shardIterator, key)
    requireFresh(position, nowMs)
    const { shardId, from } = position
    const admission = await admitRead(deps, shardId)
    if (!admission.admitted) throw admission.refusal
    const { records, next, closed } = await readRecords(deps, { shardId, from, maxRecords: limit })
    await admission.note(records)
    const end = await readEnd(deps, shardId)
    const isBehind = end.newest !== null && end.newest >= next
    const isEnded = closed && !isBehind
    const last = records.at(-1)
    return {
      ...admission.place,
      records,
      nextShardIterator: isEnded
        ? null
        : encodeIterator({ shardId, from: next, createdMs: end.nowMs }, key),
      millisBehindLatest: isBehind && last ? Math.max(0, end.nowMs - last.arrivedAt.getTime()) : 0,
      childShards: isEnded ? await findChildren(deps, shardId) : [],
    }
  } catch (error) {
    throw toMillraceError(error, 'getting records')
  }
}

async function readClock(deps: { pool: Pool }): Promise<{ key: string; nowMs: number }> {
  const { rows } = await deps.pool.query<{ key: string; now: Date }>({
    name: 'millrace.read_clock',
    text: `select value as key, clock_timestamp() as now from millrace.setting where name = 'iterator_key'`,
  })
  const row = rows[0]
  if (!row) throw new MillraceError('internal', 'the setting iterator_key is missing')
  return { key: row.key, nowMs: row.now.getTime() }
}
