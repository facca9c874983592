import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import type { LogRecord } from './read-records.ts'
import { formatShardName } from './shard-name.ts'

export type Admission =
  | {
      admitted: true
      /** The shard's stream, and its number there. */
      place: { stream: string; shard: number }
      /** Says what the read returned, where that counts. */
      note(records: readonly LogRecord[]): Promise<void>
    }
  | { admitted: false; refusal: MillraceError }

/**
 * Asks whether a shared read of a shard may begin: always, but where the stream's reads are limited.
 * Fails with `not_found` when the stream was deleted.
 */
export async function admitRead(deps: { pool: Pool }, shardId: number): Promise<Admission> {
  const { rows } = await deps.pool.query<{
    name: string
    number: number
    limited: boolean
    call: string | null
  }>({
    name: 'millrace.admit_read',
    text: `
      select st.name, sh.number, st.limit_reads as limited,
             case when st.limit_reads then millrace.admit_read(sh.id) end as call
        from millrace.shard sh
        join millrace.stream st on st.id = sh.stream_id
       where sh.id = $1`,
    values: [shardId],
  })
  const row = rows[0]
  if (!row)
    throw new MillraceError('not_found', 'the stream of this shard was deleted', {
      details: { shardId },
    })
  if (row.limited && row.call === null)
    return {
      admitted: false,
      refusal: new MillraceError(
        'throughput_exceeded',
        `rate exceeded for ${formatShardName(row.number)} in stream "${row.name}": expected at most 5 reads and 2 MiB a second; read again in a moment, or subscribe as a registered consumer`,
        { retryable: true, details: { stream: row.name, shard: row.number } },
      ),
    }
  return {
    admitted: true,
    place: { stream: row.name, shard: row.number },
    note: async (records) => {
      if (row.call === null) return
      let bytes = 0
      for (const record of records)
        bytes += record.data.length + Buffer.byteLength(record.partitionKey)
      await deps.pool.query('update millrace.read_call set bytes = $2 where id = $1', [
        row.call,
        bytes,
      ])
    },
  }
}
