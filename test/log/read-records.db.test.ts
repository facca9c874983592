import { describe, expect, it } from 'vitest'
import { appendFrames } from '../../src/log/append-frames.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { findTail } from '../../src/log/find-tail.ts'
import { readRecords } from '../../src/log/read-records.ts'
import { sequenceAt } from '../../src/log/sequence.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()

/** A stream of one shard that holds one frame for each of `frames` (its records' texts). */
async function streamOf(name: string, frames: string[][]) {
  await createStream(db, { name })
  const shardId = (await describeStream(db, name)).shards[0]?.id ?? 0
  const firsts: bigint[] = []
  for (const texts of frames) firsts.push(await append(shardId, texts))
  return { shardId, firsts }
}

async function append(shardId: number, texts: string[]): Promise<bigint> {
  const data = texts.map((text) => Buffer.from(text))
  const keys = texts.map(() => Buffer.from('k'))
  const bytes = data.reduce((sum, item) => sum + item.length + 1, 0)
  const [frame] = await appendFrames(db, [{ shardId, keys, data, bytes }])
  if (!frame) throw new Error('the shard is not open')
  return frame.first
}

const texts = (records: readonly { data: Buffer }[]) =>
  records.map((record) => record.data.toString())

describe('readRecords', () => {
  it('starts at any number, in the middle of a frame or between two', async () => {
    const { shardId, firsts } = await streamOf('middle', [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
    const [one = 0n, two = 0n] = firsts
    expect(texts((await readRecords(db, { shardId, from: one + 1n })).records)).toEqual([
      'b',
      'c',
      'd',
      'e',
    ])
    expect(texts((await readRecords(db, { shardId, from: one + 3n })).records)).toEqual(['d', 'e'])
    expect(texts((await readRecords(db, { shardId, from: two - 1n })).records)).toEqual(['d', 'e'])
    const end = await readRecords(db, { shardId, from: two + 2n })
    expect(end).toEqual({ records: [], next: two + 2n, closed: false })
  })

  it('goes on exactly where its limit of records cut it', async () => {
    const { shardId } = await streamOf('limit', [['a', 'b', 'c'], ['d', 'e'], ['f']])
    const seen: string[] = []
    for (let from = 0n; ; ) {
      const { records, next } = await readRecords(db, { shardId, from, maxRecords: 2 })
      if (records.length === 0) break
      expect(records.length).toBeLessThanOrEqual(2)
      seen.push(...texts(records))
      from = next
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('keeps to its limit of bytes, and returns one record that is larger alone', async () => {
    const { shardId } = await streamOf('bytes', [['x'.repeat(50), 'y'.repeat(500), 'z']])
    const first = await readRecords(db, { shardId, from: 0n, maxBytes: 100 })
    expect(texts(first.records)).toEqual(['x'.repeat(50)])
    const second = await readRecords(db, { shardId, from: first.next, maxBytes: 100 })
    expect(texts(second.records)).toEqual(['y'.repeat(500)])
    expect(texts((await readRecords(db, { shardId, from: second.next })).records)).toEqual(['z'])
  })

  it('never returns a record that is older than the retention', async () => {
    const { shardId, firsts } = await streamOf('horizon', [['old'], ['new']])
    const old = sequenceAt(new Date(Date.now() - 25 * 3_600_000))
    await db.pool.query(
      `alter table millrace.frame_s${shardId} detach partition millrace.${await leafOf(shardId)}`,
    )
    await db.pool.query(
      `update millrace.${await leafOf(shardId)} set first_seq = $1, last_seq = $1 where last_seq = $2`,
      [String(old), String(firsts[0])],
    )
    await db.pool.query(
      `update millrace.${await leafOf(shardId)} set prev_seq = $1 where prev_seq = $2`,
      [String(old), String(firsts[0])],
    )
    await db.pool.query('update millrace.segment set start_seq = 0 where shard_id = $1 and used', [
      shardId,
    ])
    expect(texts((await readRecords(db, { shardId, from: 0n })).records)).toEqual(['new'])
  })

  it('reads across segments, and fails rather than skip a record that a frame says came before', async () => {
    const { shardId, firsts } = await streamOf('segments', [['a'], ['b'], ['c']])
    const [, second = 0n] = firsts
    const leaf = await leafOf(shardId)
    // Cuts the segment in two at the second frame, as time does every hour.
    await db.pool.query(
      `create table millrace.late as select * from millrace.${leaf} where first_seq >= ${second}`,
    )
    await db.pool.query(`delete from millrace.${leaf} where first_seq >= ${second}`)
    await db.pool.query(
      `with early as (
         update millrace.segment set end_seq = $2 where shard_id = $1 and used returning end_seq)
       insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used)
       values ($1, $2, $3, 'late', true)`,
      [shardId, String(second), String(second + 2n ** 40n)],
    )
    expect(texts(await readStream(db, 'segments'))).toEqual(['a', 'b', 'c'])
    await db.pool.query(`delete from millrace.late where first_seq = ${second}`)
    await expect(readStream(db, 'segments')).rejects.toMatchObject({ code: 'internal' })
  })

  it('finds the tail: the number from which the newest records begin', async () => {
    const { shardId, firsts } = await streamOf('tail', [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
    const [one = 0n, two = 0n] = firsts
    expect(await findTail(db, { shardId, count: 1 })).toBe(two + 1n)
    expect(await findTail(db, { shardId, count: 3 })).toBe(one + 2n)
    expect(await findTail(db, { shardId, count: 99 })).toBe(one)
    expect(await findTail(db, { shardId, count: 2, upTo: two })).toBe(one + 2n)
    const empty = await streamOf('tail-of-nothing', [])
    expect(await findTail(db, { shardId: empty.shardId, count: 1 })).toBeNull()
  })

  it('refuses to append under a stricter isolation than READ COMMITTED, where order would not hold', async () => {
    const { shardId } = await streamOf('isolation', [])
    const client = await db.pool.connect()
    await client.query('begin isolation level repeatable read')
    await expect(
      client.query(`select millrace.append_frame($1, 1, '{k}', '{x}')`, [shardId]),
    ).rejects.toMatchObject({ code: 'MR002' })
    await client.query('rollback')
    client.release()
  })
})

async function leafOf(shardId: number): Promise<string> {
  const { rows } = await db.pool.query(
    'select table_name from millrace.segment where shard_id = $1 and used order by start_seq limit 1',
    [shardId],
  )
  return rows[0].table_name
}
