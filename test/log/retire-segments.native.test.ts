import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { sqlStateOf } from '../../src/db/sqlstate.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { ensureSegments } from '../../src/log/ensure-segments.ts'
import { createProducer } from '../../src/log/producer.ts'
import { readRecords } from '../../src/log/read-records.ts'
import { retireSegments } from '../../src/log/retire-segments.ts'
import { ensureCheckpoints } from '../../src/pipeline/scheduling/checkpoint.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

/** A stream of one shard that also has an expired segment; the id of the shard, and the segment's table. */
async function streamWithExpired(name: string) {
  await createStream(db, { name })
  const id = (await describeStream(db, name)).shards[0]?.id ?? 0
  const table = `old_${id}`
  await db.pool.query(`select millrace.attach_segment('frame_s${id}', $1, 'last_seq', 1, 1000)`, [
    table,
  ])
  await db.pool.query(
    `insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used) values ($1, 1, 1000, $2, true)`,
    [id, table],
  )
  return { id, table }
}

const exists = async (table: string) => {
  const { rows } = await db.pool.query('select to_regclass($1) is not null as found', [
    `millrace.${table}`,
  ])
  return rows[0].found
}

const pending = async () => {
  const { rows } = await db.pool.query(
    'select count(*)::int as pending from pg_inherits where inhdetachpending',
  )
  return rows[0].pending
}

async function openReader(statement: string) {
  const reader = await db.pool.connect()
  await reader.query('begin')
  await reader.query(statement)
  return async () => {
    await reader.query('rollback')
    reader.release()
  }
}

describe('retireSegments on a server', () => {
  it('finishes a detach that was interrupted half-way', async () => {
    const { id, table } = await streamWithExpired('pending')
    const endReader = await openReader(`select count(*) from millrace.frame_s${id}`)
    // The detach waits for the reader; ending it there leaves the partition "detach pending".
    const detacher = await db.pool.connect()
    await detacher.query(`set statement_timeout = '300ms'`)
    await expect(
      detacher.query(
        `alter table millrace.frame_s${id} detach partition millrace.${table} concurrently`,
      ),
    ).rejects.toMatchObject({ code: '57014' })
    detacher.release(true)
    await endReader()
    expect(await pending()).toBe(1)
    expect(await retireSegments(db)).toBe(1)
    expect(await exists(table)).toBe(false)
  })

  it('waits for nobody: with an old reader open it goes on elsewhere, appends and reads go on, and it ends later', async () => {
    const busy = await streamWithExpired('busy')
    const free = await streamWithExpired('free')
    const endReader = await openReader(`select count(*) from millrace.frame_s${busy.id}`)
    const retiring = retireSegments(db)
    await using producer = createProducer({ ...db, logger })
    for (let index = 0; index < 20; index += 1) {
      const [result] = await producer.put('busy', [{ partitionKey: 'k', data: Buffer.from('x') }])
      expect(result).toMatchObject({ ok: true })
    }
    expect(await retiring).toBe(1)
    expect([await exists(busy.table), await exists(free.table)]).toEqual([true, false])
    expect(await pending()).toBe(1)
    expect((await readRecords(db, { shardId: busy.id, from: 0n })).records).toHaveLength(20)
    await endReader()
    expect(await retireSegments(db)).toBe(1)
    expect(await exists(busy.table)).toBe(false)
  })

  it('makes segments while a detach of the same shard is pending', async () => {
    const { id } = await streamWithExpired('both')
    const endReader = await openReader(`select count(*) from millrace.frame_s${id}`)
    expect(await retireSegments(db)).toBe(0)
    expect(await pending()).toBe(1)
    const { rows } = await db.pool.query(
      'delete from millrace.segment where shard_id = $1 and not used returning table_name',
      [id],
    )
    await endReader()
    for (const row of rows) await db.pool.query(`drop table millrace."${row.table_name}"`)
    const again = await openReader(`select count(*) from millrace.frame_s${id}`)
    expect(await ensureSegments(db, [id])).toBeGreaterThan(0)
    await again()
    expect(await retireSegments(db)).toBe(1)
  })

  it('does not make the readers of other streams wait for a stream that is deleted', async () => {
    await createStream(db, { name: 'other' })
    await createStream(db, { name: 'deleted' })
    const endReader = await openReader('select count(*) from millrace.frame')
    const deleting = deleteStream(db, 'deleted')
    await using producer = createProducer({ ...db, logger })
    const [result] = await producer.put('other', [{ partitionKey: 'k', data: Buffer.from('x') }])
    expect(result).toMatchObject({ ok: true })
    const { rows } = await db.pool.query('select count(*)::int as n from millrace.frame')
    expect(rows[0].n).toBeGreaterThan(0)
    await endReader()
    await deleting
    await expect(describeStream(db, 'deleted')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('goes on elsewhere while a transaction holds a shard, and hides what it drops for good', async () => {
    const held = await streamWithExpired('held')
    const free = await streamWithExpired('free-too')
    const endAppend = await openReader(`select millrace.append('held', 'k', 'x'::text)`)
    expect(await retireSegments(db)).toBe(1)
    expect([await exists(held.table), await exists(free.table)]).toEqual([true, false])
    await endAppend()
    expect(await retireSegments(db)).toBe(1)
    const { rows } = await db.pool.query(
      `select name, trim_seq from millrace.stream where name in ('held', 'free-too') order by name`,
    )
    expect(rows).toEqual([
      { name: 'free-too', trim_seq: '1000' },
      { name: 'held', trim_seq: '1000' },
    ])
  })

  it('deletes streams at the same time, with readers about and workers that give their shards checkpoints', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `together-${index}`)
    for (const name of names) await createStream(db, { name, shards: 2 })
    let working = true
    const worker = (async () => {
      while (working) {
        await ensureCheckpoints(db, { name: 'p', streams: 'all' }).catch((error: unknown) => {
          // A shard that is gone by now.
          if (sqlStateOf(error) !== '23503') throw error
        })
        await db.pool.query('select count(*) from millrace.frame')
      }
    })()
    await Promise.all(names.map((name) => deleteStream(db, name)))
    working = false
    await worker
    const { rows } = await db.pool.query(
      `select (select count(*)::int from millrace.stream where name like 'together-%') as streams,
              (select count(*)::int from millrace.checkpoint c
                where not exists (select from millrace.shard where id = c.shard_id)) as orphans`,
    )
    expect(rows).toEqual([{ streams: 0, orphans: 0 }])
  })
})
