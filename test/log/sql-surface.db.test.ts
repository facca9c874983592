import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { hashKeyOf } from '../../src/log/hash-ring.ts'
import { createProducer } from '../../src/log/producer.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

const rowsOf = async (query: string, values: unknown[] = []) =>
  (await db.pool.query(query, values)).rows

describe('the log in SQL', () => {
  it('hashes partition keys as the producer does', async () => {
    for (const key of ['a', 'key-42', 'ключ 🔑', 'x'.repeat(256)]) {
      const [row] = await rowsOf('select millrace.hash_key($1)::text as hash', [key])
      expect(row.hash).toBe(String(hashKeyOf(key)))
    }
  })

  it('appends to the shard that the producer would choose, and is read like any record', async () => {
    await createStream(db, { name: 'sql', shards: 4 })
    await using producer = createProducer({ ...db, logger })
    for (let index = 0; index < 12; index += 1) {
      const key = `key-${index}`
      const [put] = await producer.put('sql', [{ partitionKey: key, data: Buffer.from('api') }])
      const [row] = await rowsOf('select * from millrace.append($1, $2, $3::text)', [
        'sql',
        key,
        'sql',
      ])
      expect(put).toMatchObject({ ok: true, shard: row.shard })
    }
    const texts = (await readStream(db, 'sql')).map((record) => record.data.toString())
    expect(texts.filter((text) => text === 'sql')).toHaveLength(12)
  })

  it('takes bytes, text and JSON, from a trigger too, and only if the transaction commits', async () => {
    await createStream(db, { name: 'orders' })
    await db.pool.query(`
      create table orders (id int primary key, state text);
      create function tell() returns trigger language plpgsql as $$
      begin
        perform millrace.append('orders', 'order-' || new.id, to_jsonb(new));
        return new;
      end $$;
      create trigger tell after insert or update on orders for each row execute function tell()`)
    await db.pool.query(`insert into orders values (1, 'new'), (2, 'new')`)
    await db.pool.query(`update orders set state = 'paid' where id = 1`)
    const client = await db.pool.connect()
    await client.query(`begin; insert into orders values (3, 'lost'); rollback`)
    client.release()
    const seen = await rowsOf(
      `select millrace.as_json(data)->>'state' as state, partition_key from millrace.records('orders')`,
    )
    expect(seen).toEqual([
      { state: 'new', partition_key: 'order-1' },
      { state: 'new', partition_key: 'order-2' },
      { state: 'paid', partition_key: 'order-1' },
    ])
  })

  it('refuses what the log refuses, and says what was expected', async () => {
    await createStream(db, { name: 'strict' })
    const append = (stream: string, key: string, data: Buffer) =>
      db.pool.query('select * from millrace.append($1, $2, $3::bytea)', [stream, key, data])
    await expect(append('nowhere', 'k', Buffer.from('x'))).rejects.toThrow(
      /"nowhere" does not exist/,
    )
    await expect(append('strict', '', Buffer.from('x'))).rejects.toThrow(
      /1 to 256 characters, got 0/,
    )
    await expect(append('strict', 'k'.repeat(257), Buffer.from('x'))).rejects.toThrow(/got 257/)
    await expect(append('strict', 'k', Buffer.alloc(1_048_576))).rejects.toThrow(
      /at most 1048576 bytes, got 1048577/,
    )
    await expect(db.pool.query(`select * from millrace.records('nowhere')`)).rejects.toThrow(
      /does not exist/,
    )
  })

  it('reads a range of numbers, a shard, the newest, and everything', async () => {
    await createStream(db, { name: 'range', shards: 2 })
    await using producer = createProducer({ ...db, logger })
    const results = await producer.put(
      'range',
      Array.from({ length: 60 }, (_, index) => ({
        partitionKey: `key-${index % 5}`,
        data: Buffer.from(`r${index}`),
      })),
    )
    const all = await readStream(db, 'range')
    const own = all.filter((record) => record.shard === 1)
    const [from, to] = [own[3]?.sequence, own[9]?.sequence]
    const ranged = await rowsOf(`select sequence from millrace.records('range', 1, $1, $2)`, [
      String(from),
      String(to),
    ])
    expect(ranged.map((row) => BigInt(row.sequence))).toEqual(
      own.slice(3, 10).map((record) => record.sequence),
    )
    expect(await rowsOf(`select count(*)::int as n from millrace.records('range')`)).toEqual([
      { n: results.length },
    ])
    expect(
      await rowsOf(`select count(*)::int as n from millrace.record where stream = 'range'`),
    ).toEqual([{ n: results.length }])
    const newest = await rowsOf(`select sequence from millrace.tail('range', 7)`)
    const expected = all
      .map((record) => record.sequence)
      .sort((a, b) => (a > b ? -1 : 1))
      .slice(0, 7)
    expect(newest.map((row) => BigInt(row.sequence))).toEqual(expected)
  })

  it('shows bytes that are no text, or no JSON, as null', async () => {
    const [row] = await rowsOf(
      `select millrace.as_text('\\xff'::bytea) as a, millrace.as_text('\\x6f6b'::bytea) as b,
              millrace.as_json('\\x7b'::bytea) as c, millrace.as_json('\\xff'::bytea) as d, millrace.as_json('{"a":1}'::bytea) as e`,
    )
    expect(row).toEqual({ a: null, b: 'ok', c: null, d: null, e: { a: 1 } })
  })

  it('makes the segment it needs when none is there', async () => {
    await createStream(db, { name: 'bare' })
    const id = (await describeStream(db, 'bare')).shards[0]?.id
    const leaves = await rowsOf(
      'delete from millrace.segment where shard_id = $1 returning table_name',
      [id],
    )
    for (const leaf of leaves) await db.pool.query(`drop table millrace."${leaf.table_name}"`)
    expect(await rowsOf(`select shard from millrace.append('bare', 'k', 'x'::text)`)).toEqual([
      { shard: 0 },
    ])
  })
})
