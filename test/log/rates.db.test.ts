import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { type CreateStreamInput, createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import type { PutResult } from '../../src/log/new-record.ts'
import { createProducer } from '../../src/log/producer.ts'
import { putRecords } from '../../src/log/put-records.ts'
import { updateStreamMode } from '../../src/log/update-stream-mode.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

async function provisioned(name: string, input: Partial<CreateStreamInput> = {}) {
  // Long segments, so that what is made older stays in its own.
  await createStream(db, { name, mode: 'provisioned', retentionHours: 8_760, ...input })
  return createProducer({ ...db, logger })
}

const records = (count: number, bytes: number, key = 'k') =>
  Array.from({ length: count }, () => ({
    partitionKey: key,
    data: Buffer.alloc(bytes - key.length),
  }))

const codes = (results: readonly PutResult[]) =>
  results.map((result) => (result.ok ? 'ok' : result.error.code))
const stored = (results: readonly PutResult[]) => results.filter((result) => result.ok).length

/** As if so much time had passed since everything that the stream holds. */
async function age(name: string, ms: number): Promise<void> {
  for (const { id } of (await describeStream(db, name)).shards)
    await db.pool.query(
      // All are taken out before the first is put back: two may be as far apart as they are moved.
      `with taken as (delete from millrace.frame where shard_id = $1 returning *)
       insert into millrace.frame (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
       select shard_id, first_seq - $2, last_seq - $2, greatest(prev_seq - $2, 0), bytes,
              arrived_at - make_interval(secs => $3 / 1000.0), partition_keys, data
         from taken
        order by last_seq`,
      [id, String(BigInt(ms) << 22n), ms],
    )
}

/** Runs a scenario on streams of its own until it took less than a second, as what it shows is one second's. */
async function withinASecond<T>(scenario: (suffix: string) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const started = performance.now()
    const result = await scenario(`-${attempt}`)
    if (performance.now() - started < 950) return result
    if (attempt === 20) throw new Error('this machine is too slow for a second')
  }
}

describe('a provisioned stream', () => {
  it('takes 1,000 records a second and shard, refuses the rest one by one, and takes more a second later', async () => {
    const { name, producer, first, more, other } = await withinASecond(async (suffix) => {
      const name = `records${suffix}`
      const producer = await provisioned(name, { shards: 2 })
      const first = await producer.put(name, at(0, 1_300))
      const more = await producer.put(name, at(0, 1))
      return { name, producer, first, more, other: await producer.put(name, at(1, 700)) }
    })
    expect(codes(first)).toEqual([
      ...Array(1_000).fill('ok'),
      ...Array(300).fill('throughput_exceeded'),
    ])
    expect(first[1_200]).toMatchObject({
      error: {
        retryable: true,
        message: expect.stringMatching(/rate exceeded for shard 0 of stream "records/),
      },
    })
    expect([stored(more), stored(other)]).toEqual([0, 700])
    expect(await readStream(db, name)).toHaveLength(1_700)
    await age(name, 1_000)
    expect(stored(await producer.put(name, at(0, 1_001)))).toBe(1_000)
    await producer.stop()

    function at(shard: 0 | 1, count: number) {
      const explicitHashKey = shard === 0 ? 0n : 2n ** 128n - 1n
      return records(count, 10).map((record) => ({ ...record, explicitHashKey }))
    }
  })

  it('takes 1 MiB a second, keys counted, and lets smaller records of other keys pass one that is too large', async () => {
    await using producer = await provisioned('bytes')
    const put = (...sizes: [key: string, bytes: number][]) =>
      producer.put(
        'bytes',
        sizes.flatMap(([key, bytes]) => records(1, bytes, key)),
      )
    expect(
      codes(
        await put(
          ['a', 600_000],
          ['b', 500_000],
          ['c', 400_000],
          ['b', 100],
          ['d', 48_576],
          ['e', 1],
        ),
      ),
    ).toEqual([
      'ok',
      'throughput_exceeded',
      'ok',
      'throughput_exceeded',
      'ok',
      'throughput_exceeded',
    ])
    await age('bytes', 1_000)
    expect(codes(await put(['b', 1_048_576]))).toEqual(['ok'])
  })

  it('lets a record that is larger than a second through, once the seconds that it takes have room', async () => {
    await using producer = await provisioned('large', { maxRecordBytes: 10_485_760 })
    const put = async (bytes: number) => codes(await producer.put('large', records(1, bytes)))[0]
    expect(await put(1_000)).toBe('ok')
    expect(await put(10_485_760)).toBe('throughput_exceeded')
    await age('large', 10_000)
    expect(await put(10_485_760)).toBe('ok')
    await age('large', 5_000)
    expect(await put(100)).toBe('throughput_exceeded')
    await age('large', 5_000)
    expect(await put(100)).toBe('ok')
  })

  it('goes by its own figures, and by its mode at the next append', async () => {
    const { name, counts } = await withinASecond(async (suffix) => {
      const name = `own${suffix}`
      await using producer = await provisioned(name, {
        shardRecordsPerSecond: 5,
        shardBytesPerSecond: 2_048,
      })
      const put = async () => stored(await producer.put(name, records(20, 10)))
      const counts = [await put()]
      await updateStreamMode(db, { stream: name, mode: 'on_demand' })
      counts.push(await put())
      await updateStreamMode(db, { stream: name, mode: 'provisioned', shardRecordsPerSecond: 26 })
      counts.push(await put())
      return { name, counts }
    })
    expect(counts).toEqual([5, 20, 1])
    expect(await describeStream(db, name)).toMatchObject({
      mode: 'provisioned',
      shardRecordsPerSecond: 26,
      shardBytesPerSecond: 1_048_576,
    })
  })

  it('never holds more than its rates in any window of a second, whatever is put when', async () => {
    await using producer = await provisioned('sliding', {
      shardRecordsPerSecond: 40,
      shardBytesPerSecond: 4_096,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            count: fc.integer({ min: 1, max: 30 }),
            bytes: fc.integer({ min: 1, max: 400 }),
            pause: fc.nat(400),
          }),
          { minLength: 3, maxLength: 6 },
        ),
        async (steps) => {
          for (const { count, bytes, pause } of steps) {
            await producer.put('sliding', records(count, bytes))
            await age('sliding', pause)
          }
        },
      ),
      { numRuns: 8 },
    )
    const all = await readStream(db, 'sliding')
    const times = all.map((record) => Number(record.sequence >> 22n))
    for (const [index, start] of times.entries()) {
      const second = all.filter((_, other) => other >= index && (times[other] ?? 0) < start + 1_000)
      expect(second.length).toBeLessThanOrEqual(40)
      expect(second.reduce((sum, { data }) => sum + data.length + 1, 0)).toBeLessThanOrEqual(4_096)
    }
    expect(all.length).toBeGreaterThan(40)
  })

  it('raises MR003 from SQL, so that the transaction knows', async () => {
    const outcomes = await withinASecond(async (suffix) => {
      const name = `sql${suffix}`
      await createStream(db, { name, mode: 'provisioned', shardRecordsPerSecond: 2 })
      const append = () =>
        db.pool.query(`select * from millrace.append($1, 'k', 'x'::text)`, [name]).then(
          () => 'ok',
          (error) => `${error.code} ${error.message}`,
        )
      return [await append(), await append(), await append()]
    })
    expect(outcomes).toEqual([
      'ok',
      'ok',
      expect.stringMatching(/^MR003 rate exceeded for shard 0/),
    ])
  })

  it('refuses figures that are none', async () => {
    for (const input of [
      { shardRecordsPerSecond: 0 },
      { shardBytesPerSecond: 1_023 },
      { mode: 'elastic' },
    ])
      await expect(
        createStream(db, { name: 'no', ...input } as CreateStreamInput),
      ).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

describe('putRecords', () => {
  it('takes 1 to 500 records of 10 MiB together, and says of each what became of it', async () => {
    await using producer = await provisioned('call', { shardRecordsPerSecond: 450 })
    const put = (items: ReturnType<typeof records>) =>
      putRecords({ producer }, { stream: 'call', records: items })
    for (const [items, message] of [
      [[], /1 to 500 records, got 0/],
      [records(501, 10), /1 to 500 records, got 501/],
      [records(11, 1_000_000), /at most 10485760 bytes together, got 11000000/],
    ] as const)
      await expect(put([...items])).rejects.toMatchObject({ code: 'limit_exceeded', message })
    const result = await put([...records(498, 10), ...records(2, 1_048_577)])
    expect(result.failedRecordCount).toBe(50)
    expect(codes(result.records).slice(-2)).toEqual(['limit_exceeded', 'limit_exceeded'])
    await expect(
      putRecords({ producer }, { stream: 'nowhere', records: records(1, 10) }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  it('goes where an explicit hash key says, and refuses one that is none', async () => {
    await using producer = await provisioned('explicit', { shards: 4 })
    const data = Buffer.from('x')
    const { records: results } = await putRecords(
      { producer },
      {
        stream: 'explicit',
        records: [0n, 2n ** 127n, 2n ** 128n - 1n, 2n ** 128n, -1n].map((explicitHashKey) => ({
          partitionKey: 'same',
          data,
          explicitHashKey,
        })),
      },
    )
    expect(results.map((result) => (result.ok ? result.shard : result.error.code))).toEqual([
      0,
      2,
      3,
      'invalid_argument',
      'invalid_argument',
    ])
  })
})
