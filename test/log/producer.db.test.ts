import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { updateShardCount } from '../../src/log/update-shard-count.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const line = (text: string) => Buffer.from(text)

describe('producer', () => {
  it('acknowledges records with the numbers under which they are read, in the order of their keys', async () => {
    await createStream(db, { name: 'acks', shards: 3 })
    await using producer = createProducer({ ...db, logger })
    const records = Array.from({ length: 900 }, (_, index) => ({
      partitionKey: `key-${index % 7}`,
      data: line(`record ${index}`),
    }))
    const results = await producer.put('acks', records)
    const read = await readStream(db, 'acks')
    expect(read).toHaveLength(900)
    for (const [index, result] of results.entries()) {
      if (!result.ok) throw result.error
      const found = read.find(
        (record) => record.shard === result.shard && record.sequence === result.sequence,
      )
      expect(found?.data.toString()).toBe(`record ${index}`)
      expect(found?.partitionKey).toBe(records[index]?.partitionKey)
    }
    for (let key = 0; key < 7; key += 1) {
      const own = read.filter((record) => record.partitionKey === `key-${key}`)
      const numbers = own.map((record) => Number(record.data.toString().slice(7)))
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      expect(new Set(own.map((record) => record.shard)).size).toBe(1)
    }
  })

  it('turns many callers of single records into few frames', async () => {
    await createStream(db, { name: 'coalesced' })
    await using producer = createProducer({ ...db, logger })
    await Promise.all(
      Array.from({ length: 512 }, (_, index) =>
        producer.put('coalesced', [{ partitionKey: 'k', data: line(String(index)) }]),
      ),
    )
    const { shards } = await describeStream(db, 'coalesced')
    const { rows } = await db.pool.query(
      'select count(*)::int as frames, sum(cardinality(data))::int as records from millrace.frame where shard_id = $1',
      [shards[0]?.id],
    )
    expect(rows[0].records).toBe(512)
    expect(rows[0].frames).toBeLessThan(20)
  })

  it('keeps bytes as they are, also empty and invalid UTF-8 ones', async () => {
    await createStream(db, { name: 'bytes' })
    await using producer = createProducer({ ...db, logger })
    const data = [Buffer.alloc(0), Buffer.from([0, 255, 254, 10, 13]), line('ключ\0')]
    await producer.put(
      'bytes',
      data.map((bytes) => ({ partitionKey: 'ключ 🔑', data: bytes })),
    )
    const read = await readStream(db, 'bytes')
    expect(read.map((record) => record.data)).toEqual(data)
    expect(read[0]?.partitionKey).toBe('ключ 🔑')
  })

  it('refuses a bad record alone: its neighbours are stored', async () => {
    await createStream(db, { name: 'mixed' })
    await using producer = createProducer({ ...db, logger })
    const results = await producer.put('mixed', [
      { partitionKey: 'k', data: line('first') },
      { partitionKey: 'k', data: Buffer.alloc(1_048_576) },
      { partitionKey: '', data: line('no key') },
      { partitionKey: 'x'.repeat(257), data: line('long key') },
      { partitionKey: 'a\0b', data: line('NUL key') },
      { partitionKey: '🔑'.repeat(256), data: line('last') },
    ])
    expect(results.map((result) => (result.ok ? 'stored' : result.error.code))).toEqual([
      'stored',
      'limit_exceeded',
      'invalid_argument',
      'invalid_argument',
      'invalid_argument',
      'stored',
    ])
    expect(await readStream(db, 'mixed')).toHaveLength(2)
  })

  it('refuses what does not fit its buffer, record by record, and takes more when there is room', async () => {
    await createStream(db, { name: 'full' })
    await using producer = createProducer({ ...db, logger }, { maxBufferedBytes: 1_000 })
    const records = Array.from({ length: 30 }, () => ({
      partitionKey: 'k',
      data: Buffer.alloc(99),
    }))
    const results = await producer.put('full', records)
    expect(results.filter((result) => result.ok)).toHaveLength(10)
    const refused = results.find((result) => !result.ok)
    expect(refused).toMatchObject({ error: { code: 'throughput_exceeded', retryable: true } })
    expect(await producer.put('full', records.slice(0, 10))).toEqual(
      Array(10).fill(expect.objectContaining({ ok: true })),
    )
    expect(await readStream(db, 'full')).toHaveLength(20)
  })

  it('names the command that creates a stream that does not exist', async () => {
    await using producer = createProducer({ ...db, logger })
    await expect(producer.put('nowhere', [])).rejects.toThrow(/millrace stream create nowhere/)
  })

  it('creates the segment that is missing and appends to it', async () => {
    await createStream(db, { name: 'unprepared' })
    const { shards } = await describeStream(db, 'unprepared')
    const id = shards[0]?.id
    const { rows } = await db.pool.query(
      'delete from millrace.segment where shard_id = $1 returning table_name',
      [id],
    )
    for (const row of rows) await db.pool.query(`drop table millrace."${row.table_name}"`)
    await using producer = createProducer({ ...db, logger })
    const [result] = await producer.put('unprepared', [{ partitionKey: 'k', data: line('x') }])
    expect(result).toMatchObject({ ok: true })
    expect(await readStream(db, 'unprepared')).toHaveLength(1)
  })

  it('follows a stream that was deleted and created again', async () => {
    await createStream(db, { name: 'again' })
    await using producer = createProducer({ ...db, logger })
    await producer.put('again', [{ partitionKey: 'k', data: line('old') }])
    await deleteStream(db, 'again')
    const [lost] = await producer.put('again', [{ partitionKey: 'k', data: line('lost') }])
    expect(lost).toMatchObject({ ok: false, error: { code: 'not_found' } })
    await createStream(db, { name: 'again', shards: 2 })
    await producer.put('again', [{ partitionKey: 'k', data: line('new') }])
    expect((await readStream(db, 'again')).map((record) => record.data.toString())).toEqual(['new'])
  })

  it('says that a stream is being deleted, and finds the one that is created in its place', async () => {
    await createStream(db, { name: 'replaced' })
    await using producer = createProducer({ ...db, logger })
    const put = async () =>
      (await producer.put('replaced', [{ partitionKey: 'k', data: line('x') }]))[0]
    expect(await put()).toMatchObject({ ok: true })
    // What a delete leaves between closing the shards and dropping them, and after a crash there.
    await db.pool.query(
      `update millrace.shard sh set state = 'closed', closed_seq = greatest(millrace.last_seq(sh.id), created_seq)
         from millrace.stream st where st.id = sh.stream_id and st.name = 'replaced'`,
    )
    expect(await put()).toMatchObject({
      ok: false,
      error: { code: 'not_found', message: expect.stringContaining('is being deleted') },
    })
    await expect(put()).rejects.toMatchObject({ code: 'not_found' })
    await deleteStream(db, 'replaced')
    await createStream(db, { name: 'replaced' })
    expect(await put()).toMatchObject({ ok: true })
  })

  it('keeps the order of a key while its shard is closed and a child takes over', async () => {
    await createStream(db, { name: 'resharded', shards: 2 })
    await using producer = createProducer({ ...db, logger })
    const puts: Promise<unknown>[] = []
    const total = 1_200
    for (let index = 0; index < total; index += 1) {
      puts.push(
        producer.put('resharded', [
          { partitionKey: `key-${index % 4}`, data: line(String(index)) },
        ]),
      )
      if (index % 300 === 299)
        await updateShardCount(db, { stream: 'resharded', targetShardCount: 2 + (index % 7) })
      else if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await Promise.all(puts)).flat()).toEqual(
      Array(total).fill(expect.objectContaining({ ok: true })),
    )
    const read = await readStream(db, 'resharded')
    expect(read).toHaveLength(total)
    for (let key = 0; key < 4; key += 1) {
      const own = read.filter((record) => record.partitionKey === `key-${key}`)
      const numbers = own
        .toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1))
        .map((record) => Number(record.data.toString()))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })

  it('stores what was put before stop, and takes nothing after it', async () => {
    await createStream(db, { name: 'stopped' })
    const producer = createProducer({ ...db, logger })
    const pending = producer.put('stopped', [{ partitionKey: 'k', data: line('x') }])
    await Promise.all([pending, producer.stop(), producer.stop()])
    expect(await readStream(db, 'stopped')).toHaveLength(1)
    await expect(producer.put('stopped', [])).rejects.toMatchObject({ code: 'aborted' })
  })
})
