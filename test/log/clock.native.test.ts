import { afterAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { retireSegments } from '../../src/log/retire-segments.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

/** A server whose clock can be set: `clock_timestamp` and `statement_timestamp` are shadowed on these connections. */
const db = await testDatabase()
await db.pool.query(`
  create schema fake;
  create table fake.clock (offset_ms bigint not null);
  insert into fake.clock values (0);
  create function fake.clock_timestamp() returns timestamptz language sql volatile
    as $$ select pg_catalog.clock_timestamp() + offset_ms * interval '1 ms' from fake.clock $$;
  create function fake.statement_timestamp() returns timestamptz language sql stable
    as $$ select pg_catalog.statement_timestamp() + offset_ms * interval '1 ms' from fake.clock $$;
  create or replace function millrace.horizon(p_stream millrace.stream) returns bigint language sql stable
    as $$ select greatest((p_stream).trim_seq, millrace.seq_at(fake.statement_timestamp() - make_interval(hours => (p_stream).retention_hours))) $$`)
const logger = createLogger({ level: 'silent' })
const url = new URL(db.url)
url.searchParams.set('options', '-c search_path=fake,pg_catalog,public')
const pool = createPool({ logger }, { url: url.href })
afterAll(() => pool.end())
const faked = { pool, logger }
const hour = 3_600_000

const setClock = (offsetMs: number) =>
  pool.query('update fake.clock set offset_ms = $1', [offsetMs])

async function put(stream: string, count = 1): Promise<number> {
  await using producer = createProducer(faked)
  const results = await producer.put(
    stream,
    Array.from({ length: count }, (_, index) => ({
      partitionKey: 'k',
      data: Buffer.from(String(index)),
    })),
  )
  return results.filter((result) => result.ok).length
}

describe('a clock that is set back', () => {
  it('stops neither appends nor their rate: numbers go on from the last one', async () => {
    await setClock(0)
    await createStream(faked, { name: 'back', mode: 'provisioned', shardRecordsPerSecond: 100 })
    expect(await put('back', 100)).toBe(100)
    await setClock(-20_000)
    expect(await put('back', 100)).toBe(100)
    expect(await put('back', 100)).toBeLessThan(100)
    const read = await readStream(faked, 'back')
    for (const [index, record] of read.entries())
      if (index > 0) expect(record.sequence).toBeGreaterThan(read[index - 1]?.sequence ?? 0n)
  })

  it('leaves a split shard able to take records', async () => {
    await setClock(0)
    await createStream(faked, { name: 'split' })
    await put('split')
    await setClock(-5 * hour)
    await splitShard(faked, { stream: 'split', shard: 0 })
    expect(await put('split')).toBe(1)
    expect(await readStream(faked, 'split')).toHaveLength(2)
  })

  it('brings nothing back that was dropped while it was ahead, and reads go on', async () => {
    await setClock(0)
    await createStream(faked, { name: 'ahead' })
    await put('ahead', 3)
    await setClock(30 * hour)
    await put('ahead', 2)
    expect(await retireSegments(faked)).toBeGreaterThan(0)
    await setClock(0)
    expect(await readStream(faked, 'ahead')).toHaveLength(2)
    expect(await put('ahead')).toBe(1)
    expect(await readStream(faked, 'ahead')).toHaveLength(3)
  })
})
