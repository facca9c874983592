import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { retireSegments } from '../../src/log/retire-segments.ts'
import { sequenceAt } from '../../src/log/sequence.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })
const hour = 3_600_000

/** Gives a shard a used segment of an hour that ended `hoursAgo`, with one record in it; returns its table. */
async function addOldSegment(shardId: number, hoursAgo: number): Promise<string> {
  const start = sequenceAt(new Date(Date.now() - (hoursAgo + 1) * hour))
  const end = sequenceAt(new Date(Date.now() - hoursAgo * hour))
  const table = `frame_s${shardId}_old_${hoursAgo}`
  await db.pool.query(`select millrace.attach_segment($1, $2, 'last_seq', $3, $4)`, [
    `frame_s${shardId}`,
    table,
    String(start),
    String(end),
  ])
  await db.pool.query(
    `insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used) values ($1, $2, $3, $4, true)`,
    [shardId, String(start), String(end), table],
  )
  await db.pool.query(
    `insert into millrace.${table} (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
     values ($1, $2, $2, 0, 2, now(), '{k}', '{x}')`,
    [shardId, String(start + 1n)],
  )
  return table
}

async function setup(name: string) {
  await createStream(db, { name })
  const shardId = (await describeStream(db, name)).shards[0]?.id ?? 0
  return {
    shardId,
    put: async () => {
      await using producer = createProducer({ ...db, logger })
      const [result] = await producer.put(name, [{ partitionKey: 'k', data: Buffer.from('new') }])
      expect(result).toMatchObject({ ok: true })
    },
  }
}

const exists = async (table: string) => {
  const { rows } = await db.pool.query('select to_regclass($1) is not null as found', [
    `millrace.${table}`,
  ])
  return rows[0].found
}

describe('retireSegments', () => {
  it('drops whole segments behind the retention and nothing else', async () => {
    const { shardId, put } = await setup('retired')
    const expired = await addOldSegment(shardId, 30)
    const kept = await addOldSegment(shardId, 3)
    await put()
    expect(await retireSegments(db)).toBe(1)
    expect([await exists(expired), await exists(kept)]).toEqual([false, true])
    expect((await readStream(db, 'retired')).map((record) => record.data.toString())).toEqual([
      'x',
      'new',
    ])
    expect(await retireSegments(db)).toBe(0)
  })

  it('leaves an idle shard that lost all its records able to take new ones', async () => {
    const { shardId, put } = await setup('idle')
    await addOldSegment(shardId, 40)
    expect(await retireSegments(db)).toBe(1)
    await put()
    expect((await readStream(db, 'idle')).map((record) => record.data.toString())).toEqual(['new'])
  })

  it('goes on where a crash left it: after the detach, and before the drop', async () => {
    const { shardId } = await setup('interrupted')
    const table = await addOldSegment(shardId, 30)
    await db.pool.query(
      `alter table millrace.frame_s${shardId} detach partition millrace.${table} concurrently`,
    )
    expect(await retireSegments(db)).toBe(1)
    expect(await exists(table)).toBe(false)
  })

  it('takes the tables of a closed shard: unused ones at once, its own when nothing is left', async () => {
    const { shardId, put } = await setup('closed')
    const kept = await addOldSegment(shardId, 3)
    await put()
    await splitShard(db, { stream: 'closed', shard: 0 })
    await retireSegments(db)
    const tables = async () => {
      const { rows } = await db.pool.query(
        'select count(*)::int as n from millrace.segment where shard_id = $1',
        [shardId],
      )
      return rows[0].n
    }
    // What was made ahead and never used is gone, what holds records is not.
    expect([await tables(), await exists(kept)]).toEqual([2, true])
    expect(await readStream(db, 'closed')).toHaveLength(2)

    await db.pool.query('update millrace.segment set end_seq = start_seq + 1 where shard_id = $1', [
      shardId,
    ])
    await db.pool.query(
      `update millrace.segment set start_seq = start_seq - $2, end_seq = end_seq - $2 where shard_id = $1`,
      [shardId, String(BigInt(30 * hour) << 22n)],
    )
    await retireSegments(db)
    expect([await tables(), await exists(kept), await exists(`frame_s${shardId}`)]).toEqual([
      0,
      false,
      false,
    ])
    // Its row stays: the children name it.
    expect((await describeStream(db, 'closed')).shards.map((shard) => shard.parents)).toEqual([
      [],
      [0],
      [0],
    ])
    expect(await retireSegments(db)).toBe(0)
    await put()
    await deleteStream(db, 'closed')
  })
})
