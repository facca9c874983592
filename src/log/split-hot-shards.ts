import type { Pool } from 'pg'
import { isMillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { shardRates } from './describe-stream.ts'
import { hashKeyOf } from './hash-ring.ts'
import { splitShard } from './split-shard.ts'

/** How long a shard has to be hot, looked at in parts so that one burst does not count. */
const window = { parts: 3, partMs: 10_000 } as const

/** Frames whose keys say where the load lies. */
const sampleFrames = 500

/** A stream splits by itself up to so many open shards; beyond that, scale it by hand. */
const maxOpenShards = 64

/** A key with more of a shard's load than this is what makes it hot: no split helps. */
const maxKeyShare = 0.8

interface HotShard {
  id: number
  number: number
  stream: string
  hashStart: string
  hashEnd: string
  recordsPerSecond: number
  bytesPerSecond: number
  /** The number at which the window begins, and the leaves that hold it. */
  start: string
  leaves: string[]
}

/**
 * Splits the shards of on-demand streams that took more than their rate in each third of the last 30 s, where half of
 * their load lies on either side, and logs it (`shard.split`); returns how many. Amazon Kinesis does so within about 15
 * minutes. A shard whose load is one key is left as it is, and the log says so (`shard.hot_key`).
 *
 * Reads: shard, segment, the bounds of the frames of 30 s and the keys of some. Locks: as reshard. Any process may run it,
 * at any time: of two that find the same shard one is told that it is closed.
 */
export async function splitHotShards(deps: { pool: Pool; logger: Logger }): Promise<number> {
  let split = 0
  for (const shard of await findHot(deps.pool)) {
    const place = { stream: shard.stream, shard: shard.number }
    const rates = {
      recordsPerSecond: Math.round(shard.recordsPerSecond),
      bytesPerSecond: Math.round(shard.bytesPerSecond),
    }
    const newStartingHashKey = middleOfLoad(await sampleKeys(deps.pool, shard), {
      hashStart: BigInt(shard.hashStart),
      hashEnd: BigInt(shard.hashEnd),
    })
    if (newStartingHashKey === null) {
      deps.logger.warn({ ...place, ...rates }, 'shard.hot_key')
      continue
    }
    try {
      const { opened } = await splitShard(deps, { ...place, newStartingHashKey, origin: 'hot' })
      deps.logger.warn({ ...place, ...rates, opened }, 'shard.split')
      split += 1
    } catch (error) {
      // Somebody else reshards, or a transaction holds the shard: the next minute looks again.
      if (!isMillraceError(error, 'resource_in_use', 'conflict', 'invalid_argument', 'not_found'))
        throw error
      deps.logger.info({ ...place, code: error.code }, 'shard.split_postponed')
    }
  }
  return split
}

async function findHot(pool: Pool): Promise<HotShard[]> {
  const { rows: candidates } = await pool.query<
    Omit<HotShard, 'recordsPerSecond' | 'bytesPerSecond'> & { maxRecords: number; maxBytes: number }
  >(
    `select sh.id, sh.number, st.name as stream, sh.hash_start as "hashStart", sh.hash_end as "hashEnd",
            coalesce(st.shard_records_per_second, ${shardRates.on_demand.records}) as "maxRecords",
            coalesce(st.shard_bytes_per_second, ${shardRates.on_demand.bytes}) as "maxBytes",
            min(since.start) as start,
            array_agg(se.table_name order by se.start_seq) as leaves
       from (select millrace.seq_at(now() - interval '${window.parts * window.partMs} ms') as start) as since
      cross join millrace.stream st
       join millrace.shard sh on sh.stream_id = st.id
       join millrace.segment se on se.shard_id = sh.id
      where st.mode = 'on_demand'
        and sh.state = 'open'
        and se.used
        and se.end_seq > since.start
        and (select count(*) from millrace.shard where stream_id = st.id and state = 'open') < ${maxOpenShards}
      group by st.id, sh.id
      order by sh.id`,
  )
  const hot: HotShard[] = []
  for (const candidate of candidates) {
    const rates = await readRates(pool, candidate)
    const least = (of: 'records' | 'bytes') => Math.min(...rates.map((rate) => rate[of]))
    const isHot =
      rates.length === window.parts &&
      rates.every((rate) => rate.records > candidate.maxRecords || rate.bytes > candidate.maxBytes)
    if (isHot)
      hot.push({
        ...candidate,
        recordsPerSecond: least('records'),
        bytesPerSecond: least('bytes'),
      })
  }
  return hot
}

/** Records and bytes a second in each part of the window that has any. */
async function readRates(
  pool: Pool,
  shard: { id: number; start: string; leaves: readonly string[] },
): Promise<{ records: number; bytes: number }[]> {
  const frames = shard.leaves
    .map(
      (leaf) =>
        `select first_seq, last_seq, bytes from millrace."${leaf}" where shard_id = $1 and last_seq >= $2`,
    )
    .join(' union all ')
  const { rows } = await pool.query<{ records: number; bytes: number }>(
    `select sum(last_seq - first_seq + 1)::float8 / ${window.partMs / 1000} as records,
            sum(bytes)::float8 / ${window.partMs / 1000} as bytes
       from (${frames}) as frame
      group by (last_seq - $2) / (${window.partMs}::bigint << 22)
     having (max(last_seq) - $2) / (${window.partMs}::bigint << 22) < ${window.parts}`,
    [shard.id, shard.start],
  )
  return rows
}

/** The partition keys of the shard's newest frames, and how many records each has there. */
async function sampleKeys(pool: Pool, shard: HotShard): Promise<Map<string, number>> {
  const leaf = shard.leaves.at(-1)
  const { rows } = await pool.query<{ key: string; records: number }>(
    `select key, count(*)::int as records
       from (select partition_keys
               from millrace."${leaf}"
              where shard_id = $1
              order by last_seq desc
              limit ${sampleFrames}) as frame,
            unnest(partition_keys) as key
      group by key`,
    [shard.id],
  )
  return new Map(rows.map((row) => [row.key, row.records]))
}

/** The hash key at which a second shard takes half of the load; null when one key has nearly all of it. */
export function middleOfLoad(
  keys: ReadonlyMap<string, number>,
  range: { hashStart: bigint; hashEnd: bigint },
): bigint | null {
  const load = [...keys]
    .map(([key, records]) => ({ hashKey: hashKeyOf(key), records }))
    // Records with an explicit hash key lie elsewhere than their partition key says.
    .filter(({ hashKey }) => hashKey >= range.hashStart && hashKey <= range.hashEnd)
    .sort((a, b) => (a.hashKey < b.hashKey ? -1 : 1))
  const total = load.reduce((sum, { records }) => sum + records, 0)
  if (total === 0) return (range.hashStart + range.hashEnd + 1n) / 2n
  if (load.some(({ records }) => records > total * maxKeyShare)) return null
  let best: { hashKey: bigint; difference: number } | undefined
  let left = 0
  for (const { hashKey, records } of load) {
    const difference = Math.abs(total - 2 * left)
    const isAllowed = hashKey > range.hashStart + 1n && hashKey < range.hashEnd
    if (left > 0 && isAllowed && (!best || difference < best.difference))
      best = { hashKey, difference }
    left += records
  }
  return best?.hashKey ?? null
}
