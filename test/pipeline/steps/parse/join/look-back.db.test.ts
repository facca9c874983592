import { expect, test } from 'vitest'
import { createStream } from '../../../../../src/log/create-stream.ts'
import { describeStream } from '../../../../../src/log/describe-stream.ts'
import { lookBack } from '../../../../../src/pipeline/steps/parse/join/look-back.ts'
import { testDatabase } from '../../../../support/database.ts'

const db = await testDatabase()

/** A shard with a frame at each of these numbers. */
async function shardOf(stream: string, place: (boundary: bigint) => bigint[]) {
  await createStream(db, { name: stream })
  const { shards } = await describeStream(db, stream)
  const shardId = shards[0]?.id ?? 0
  const { rows } = await db.pool.query<{ boundary: string }>(
    'select min(end_seq) as boundary from millrace.segment where shard_id = $1',
    [shardId],
  )
  const numbers = place(BigInt(rows[0]?.boundary ?? 0))
  await db.pool.query('update millrace.segment set used = true where shard_id = $1', [shardId])
  await db.pool.query(
    `insert into millrace.frame (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
     select $1, seq, seq, lag(seq, 1, 0) over (order by seq), 2, now(), array['k'], '{x}'
       from unnest($2::bigint[]) as seq`,
    [shardId, numbers],
  )
  return { shardId, numbers }
}

test('finds the records on both sides of a segment’s end', async () => {
  const { shardId, numbers } = await shardOf('both-sides', (end) => [
    end - 2n,
    end - 1n,
    end,
    end + 1n,
    end + 2n,
  ])
  const { records, isAll } = await lookBack(db, shardId, numbers[3] ?? 0n)
  expect(records.map((record) => record.sequence)).toEqual(numbers.slice(0, 4))
  expect(isAll).toBe(true)
})

test('finds records that came one at a time, more of them than a read takes frames', async () => {
  const { shardId, numbers } = await shardOf('one-by-one', (end) =>
    Array.from({ length: 2_100 }, (_, at) => end - 3_000n + BigInt(at)),
  )
  const { records, isAll } = await lookBack(db, shardId, numbers.at(-1) ?? 0n)
  expect(records).toHaveLength(2_100)
  expect(isAll).toBe(true)
})
