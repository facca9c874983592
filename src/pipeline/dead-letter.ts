import type { PoolClient } from 'pg'
import type { LogRecord } from '../log/read-records.ts'
import { storableText } from './checkpoint.ts'
import type { Lease } from './lease.ts'

/** Keeps a record that the pipeline gave up on, whole, in the transaction that moves the checkpoint past it. */
export async function keepDeadLetter(
  client: PoolClient,
  lease: Lease,
  letter: { record: LogRecord; error: string; attempts: number },
): Promise<void> {
  await client.query(
    `insert into millrace.dead_letter (pipeline, shard_id, seq, partition_key, data, error, attempts)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      lease.pipeline,
      lease.shardId,
      String(letter.record.sequence),
      letter.record.partitionKey,
      letter.record.data,
      storableText(letter.error),
      letter.attempts,
    ],
  )
}
