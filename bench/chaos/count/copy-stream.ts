import type { Pool } from 'pg'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { type LogRecord, readRecords } from '../../../src/log/read-records.ts'
import { type Note, poisonOf } from '../notes.ts'

/** Copies what a stream holds, read from its beginning, into chaos.stored; `onPage` gets the records too, by shard. */
export async function copyStreamToTable(
  pool: Pool,
  stream: string,
  onPage: (records: readonly LogRecord[]) => Promise<void> = async () => undefined,
): Promise<void> {
  const { shards } = await describeStream({ pool }, stream)
  for (const { id } of shards) {
    for (let from = 0n; ; ) {
      const { records, next } = await readRecords({ pool }, { shardId: id, from })
      if (records.length === 0) break
      from = next
      await insertStored(pool, stream, id, records)
      await onPage(records)
    }
  }
}

async function insertStored(
  pool: Pool,
  stream: string,
  shardId: number,
  records: readonly LogRecord[],
): Promise<void> {
  const notes = records.map(({ data }) => JSON.parse(data.toString()) as Note)
  await pool.query(
    `insert into chaos.stored (stream, key, number, shard_id, seq, poison)
     select $6, key, number, $4, seq, poison
       from unnest($1::text[], $2::bigint[], $3::bigint[], $5::text[]) as note (key, number, seq, poison)`,
    [
      notes.map(({ key }) => key),
      notes.map(({ number }) => number),
      records.map(({ sequence }) => String(sequence)),
      shardId,
      notes.map(poisonOf),
      stream,
    ],
  )
}
