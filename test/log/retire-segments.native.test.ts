import { describe, expect, it } from 'vitest'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { retireSegments } from '../../src/log/retire-segments.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()

describe('retireSegments on a server', () => {
  it('finishes a detach that was interrupted half-way', async () => {
    await createStream(db, { name: 'pending' })
    const id = (await describeStream(db, 'pending')).shards[0]?.id ?? 0
    await db.pool.query(
      `select millrace.attach_segment('frame_s${id}', 'old', 'last_seq', 1, 1000)`,
    )
    await db.pool.query(
      `insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used) values ($1, 1, 1000, 'old', true)`,
      [id],
    )
    const reader = await db.pool.connect()
    await reader.query('begin')
    await reader.query(`select count(*) from millrace.frame_s${id}`)
    // The detach waits for the reader; ending it there leaves the partition "detach pending".
    const detacher = await db.pool.connect()
    await detacher.query(`set statement_timeout = '300ms'`)
    await expect(
      detacher.query(
        `alter table millrace.frame_s${id} detach partition millrace.old concurrently`,
      ),
    ).rejects.toMatchObject({ code: '57014' })
    detacher.release(true)
    await reader.query('rollback')
    reader.release()
    const { rows } = await db.pool.query(
      'select count(*)::int as pending from pg_inherits where inhdetachpending',
    )
    expect(rows[0].pending).toBe(1)
    expect(await retireSegments(db)).toBe(1)
    const { rows: left } = await db.pool.query(`select to_regclass('millrace.old') as found`)
    expect(left[0].found).toBeNull()
  })
})
