import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { createProducer } from '../../src/log/producer.ts'
import { registerConsumer } from '../../src/log/register-consumer.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { type ShardBatch, type SubscribeInput, subscribe } from '../../src/log/subscribe.ts'
import { updateShardCount } from '../../src/log/update-shard-count.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })
const deps = { ...db, logger }
const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`)

let round = 0
/** Puts one record a key: `key ROUND`. */
async function put(stream: string): Promise<void> {
  await using producer = createProducer(deps)
  round += 1
  const records = keys.map((key) => ({ partitionKey: key, data: Buffer.from(`${key} ${round}`) }))
  for (const result of await producer.put(stream, records)) if (!result.ok) throw result.error
}

/** Follows until `count` records have come; what they were, and the last batch of each shard. */
async function follow(input: SubscribeInput, count: number, options: { pollMs?: number } = {}) {
  const stop = new AbortController()
  const texts: string[] = []
  const batches: ShardBatch[] = []
  const positions = new Map<number, bigint | null>()
  for await (const batch of subscribe(deps, input, { ...options, signal: stop.signal })) {
    batches.push(batch)
    positions.set(batch.shard, batch.continuation)
    texts.push(...batch.records.map((record) => record.data.toString()))
    if (texts.length >= count) stop.abort()
  }
  return { texts, batches, positions }
}

/** Each key's records in the order in which they came are in the order in which they were put. */
function expectOrder(texts: readonly string[]): void {
  for (const records of Map.groupBy(texts, (text) => text.split(' ')[0]).values()) {
    const rounds = records.map((text) => Number(text.split(' ')[1]))
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b))
  }
}

const trimHorizon = { type: 'TRIM_HORIZON' } as const

describe('subscribe', () => {
  it('follows a stream across splits, a merge and scaling: parents before children, every record once', async () => {
    await createStream(db, { name: 'whole', shards: 2 })
    const following = follow({ stream: 'whole', startingPosition: trimHorizon }, 7 * 12)
    await put('whole')
    await splitShard(db, { stream: 'whole', shard: 0 })
    await put('whole')
    await mergeShards(db, { stream: 'whole', shard: 3, adjacentShard: 1 })
    await put('whole')
    for (const targetShardCount of [5, 1, 3]) {
      await updateShardCount(db, { stream: 'whole', targetShardCount })
      await put('whole')
    }
    await splitShard(db, { stream: 'whole', shard: (await open('whole'))[0] ?? 0 })
    await put('whole')
    const live = await following
    const later = await follow({ stream: 'whole', startingPosition: trimHorizon }, 7 * 12)
    const stored = (await readStream(db, 'whole')).map((record) => record.data.toString()).sort()
    for (const { texts } of [live, later]) {
      expect(texts.toSorted()).toEqual(stored)
      expectOrder(texts)
    }
    const ends = later.batches.filter((batch) => batch.continuation === null)
    for (const end of ends) {
      expect(end.records).toEqual([])
      expect(end.childShards.length).toBeGreaterThan(0)
    }
  })

  it('follows one shard into what it becomes', async () => {
    await createStream(db, { name: 'one', shards: 2 })
    await put('one')
    await splitShard(db, { stream: 'one', shard: 1 })
    await put('one')
    const own = (await readStream(db, 'one')).filter((record) => record.shard !== 0)
    const { texts } = await follow(
      { stream: 'one', shard: 1, startingPosition: trimHorizon },
      own.length,
    )
    expect(texts.toSorted()).toEqual(own.map((record) => record.data.toString()).sort())
    expectOrder(texts)
  })

  it('begins behind the newest, at a moment, or at a number', async () => {
    await createStream(db, { name: 'begin' })
    await put('begin')
    await put('begin')
    const all = await readStream(db, 'begin')
    const middle = all[12]
    if (!middle) throw new Error('24 records were put')
    const texts = (records: typeof all) => records.map((record) => record.data.toString())
    const from = (startingPosition: SubscribeInput['startingPosition'], count: number) =>
      follow({ stream: 'begin', shard: 0, startingPosition }, count)
    expect((await from({ type: 'AT_TIMESTAMP', timestamp: middle.arrivedAt }, 12)).texts).toEqual(
      texts(all.filter((record) => record.arrivedAt >= middle.arrivedAt)),
    )
    expect(
      (await from({ type: 'AT_SEQUENCE_NUMBER', sequence: middle.sequence }, 12)).texts,
    ).toEqual(texts(all.slice(12)))
    expect(
      (await from({ type: 'AFTER_SEQUENCE_NUMBER', sequence: middle.sequence }, 11)).texts,
    ).toEqual(texts(all.slice(13)))
    const batches = subscribe(deps, { stream: 'begin', startingPosition: { type: 'LATEST' } })
    expect((await batches.next()).value).toMatchObject({ records: [], millisBehindLatest: 0 })
    const next = batches.next()
    await put('begin')
    const { value } = await next
    expect(value?.records[0]?.data.toString()).toBe(`key-0 ${round}`)
    await batches.return()
  })

  it('resumes where its positions say, across a reshard in between', async () => {
    await createStream(db, { name: 'resumed', shards: 2 })
    await put('resumed')
    const first = await follow({ stream: 'resumed', startingPosition: trimHorizon }, 12)
    await updateShardCount(db, { stream: 'resumed', targetShardCount: 3 })
    await put('resumed')
    const { positions } = first
    const second = await follow(
      { stream: 'resumed', startingPosition: { type: 'POSITIONS', positions } },
      12,
    )
    await put('resumed')
    for (const [shard, next] of second.positions) positions.set(shard, next)
    const third = await follow(
      { stream: 'resumed', startingPosition: { type: 'POSITIONS', positions } },
      12,
    )
    const texts = [...first.texts, ...second.texts, ...third.texts]
    expect(new Set(texts).size).toBe(36)
    expect(texts).toHaveLength(36)
    expectOrder(texts)
  })

  it('says where each shard begins, so that one without a record is not forgotten', async () => {
    await createStream(db, { name: 'quiet', shards: 4 })
    await using producer = createProducer(deps)
    const at = (explicitHashKey: bigint) =>
      producer.put('quiet', [{ partitionKey: 'k', data: Buffer.from('k 1'), explicitHashKey }])
    await at(0n)
    const { positions } = await follow(
      { stream: 'quiet', startingPosition: { type: 'TRIM_HORIZON' } },
      1,
    )
    expect([...positions.keys()].sort()).toEqual([0, 1, 2, 3])
    await updateShardCount(db, { stream: 'quiet', targetShardCount: 2 })
    await at(2n ** 128n - 1n)
    const resumed = await follow(
      { stream: 'quiet', startingPosition: { type: 'POSITIONS', positions } },
      1,
    )
    expect(resumed.texts).toEqual(['k 1'])
  })

  it('is woken by an append long before it would look by itself, and needs no wake-up to find one', async () => {
    await createStream(db, { name: 'woken' })
    const input = { stream: 'woken', startingPosition: trimHorizon } as const
    const stop = new AbortController()
    const batches = subscribe(deps, input, { pollMs: 600_000, signal: stop.signal })
    await batches.next()
    const woken = batches.next()
    await put('woken')
    expect((await woken).value?.records).toHaveLength(12)
    const again = batches.next()
    await put('woken')
    expect((await again).value?.records).toHaveLength(12)
    stop.abort()
    expect((await batches.next()).done).toBe(true)

    const unheard = follow(input, 25, { pollMs: 50 })
    await db.pool.query(`select millrace.append('woken', 'k', 'nobody is notified'::text)`)
    expect((await unheard).texts.at(-1)).toBe('nobody is notified')
  })

  it('looks at a quiet shard also while another one keeps it busy', async () => {
    await createStream(db, { name: 'busy', shards: 2 })
    await using producer = createProducer(deps)
    const stop = new AbortController()
    const texts: string[] = []
    const following = (async () => {
      const input = { stream: 'busy', startingPosition: { type: 'TRIM_HORIZON' } } as const
      for await (const batch of subscribe(deps, input, { signal: stop.signal, pollMs: 300 }))
        for (const record of batch.records) {
          texts.push(record.data.toString())
          if (record.data.toString() === 'quiet') stop.abort()
        }
    })()
    // SQL notifies nobody.
    const { rows } = await db.pool.query(
      `select shard from millrace.append('busy', 'k', 'quiet'::text)`,
    )
    const explicitHashKey = rows[0].shard === 0 ? 2n ** 128n - 1n : 0n
    for (let count = 0; !stop.signal.aborted; count += 1) {
      if (count > 2_000) throw new Error('the quiet shard was never looked at')
      await producer.put('busy', [
        { partitionKey: 'k', data: Buffer.from('busy'), explicitHashKey },
      ])
    }
    await following
    expect(texts).toContain('quiet')
  })

  it('follows on past shards of which nothing is kept any more', async () => {
    await createStream(db, { name: 'expired' })
    await put('expired')
    const { positions } = await follow({ stream: 'expired', startingPosition: trimHorizon }, 12)
    await updateShardCount(db, { stream: 'expired', targetShardCount: 4 })
    await updateShardCount(db, { stream: 'expired', targetShardCount: 3 })
    // Retention passes all of them but the last generation.
    await db.pool.query(
      `update millrace.stream st
          set trim_seq = (select min(created_seq) from millrace.shard where stream_id = st.id and state = 'open')
        where name = 'expired'`,
    )
    await put('expired')
    const { texts } = await follow(
      { stream: 'expired', startingPosition: { type: 'POSITIONS', positions } },
      12,
    )
    expect(texts.map((text) => text.split(' ')[0]).sort()).toEqual(keys.toSorted())
  })

  it('begins at a moment also in what a closed shard became', async () => {
    await createStream(db, { name: 'later' })
    await put('later')
    await splitShard(db, { stream: 'later', shard: 0 })
    await put('later')
    const children = (await readStream(db, 'later')).filter((record) => record.shard !== 0)
    const timestamp = new Date(
      Math.max(...children.map((record) => record.arrivedAt.getTime())) + 1,
    )
    while (Date.now() <= timestamp.getTime() + 5)
      await new Promise((resolve) => setTimeout(resolve, 1))
    await put('later')
    const from = { type: 'AT_TIMESTAMP', timestamp } as const
    const { texts } = await follow({ stream: 'later', shard: 0, startingPosition: from }, 12)
    expect(new Set(texts.map((text) => text.split(' ')[1]))).toEqual(new Set([String(round)]))
    const ahead = { type: 'AT_TIMESTAMP', timestamp: new Date(Date.now() + 60_000) } as const
    await expect(
      subscribe(deps, { stream: 'later', startingPosition: ahead }).next(),
    ).rejects.toMatchObject({ code: 'invalid_argument', message: /not in the future/ })
  })

  it('ends when its stream is deleted, and when it is told to', async () => {
    await createStream(db, { name: 'ended' })
    await put('ended')
    const batches = subscribe(
      deps,
      { stream: 'ended', startingPosition: trimHorizon },
      { pollMs: 50 },
    )
    await batches.next()
    await batches.next()
    const last = (async () => {
      for await (const batch of batches) expect(batch.records).toEqual([])
    })()
    await deleteStream(db, 'ended')
    await last
    const stopped = subscribe(
      deps,
      { stream: 'woken', startingPosition: trimHorizon },
      { signal: AbortSignal.abort() },
    )
    expect((await stopped.next()).done).toBe(true)
  })

  it('stays within the read limits of its stream, unless it is a registered consumer', async () => {
    await createStream(db, { name: 'limited', limitReads: true })
    for (let index = 0; index < 8; index += 1) await put('limited')
    const read = async (consumer?: string) => {
      const stop = new AbortController()
      let records = 0
      const input = {
        stream: 'limited',
        startingPosition: trimHorizon,
        ...(consumer ? { consumer } : {}),
      }
      for await (const batch of subscribe(deps, input, { signal: stop.signal, maxRecords: 12 })) {
        records += batch.records.length
        if (records === 96) stop.abort()
      }
      const { rows } = await db.pool.query('select count(*)::int as calls from millrace.read_call')
      return rows[0].calls
    }
    await expect(read('c')).rejects.toMatchObject({ code: 'not_found' })
    await registerConsumer(db, { stream: 'limited', consumer: 'c' })
    expect(await read('c')).toBe(0)
    expect(await read()).toBeGreaterThan(0)
  })

  it('refuses what it cannot follow', async () => {
    await createStream(db, { name: 'refused' })
    const start = (input: SubscribeInput) => subscribe(deps, input).next()
    await expect(start({ stream: 'nowhere', startingPosition: trimHorizon })).rejects.toMatchObject(
      { code: 'not_found' },
    )
    await expect(
      start({ stream: 'refused', shard: 3, startingPosition: trimHorizon }),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(
      start({ stream: 'refused', startingPosition: { type: 'AT_SEQUENCE_NUMBER', sequence: 1n } }),
    ).rejects.toMatchObject({ code: 'invalid_argument', message: /expected a shard/ })
  })
})

async function open(stream: string): Promise<number[]> {
  const { rows } = await db.pool.query(
    `select sh.number from millrace.shard sh join millrace.stream st on st.id = sh.stream_id
      where st.name = $1 and sh.state = 'open' order by sh.number`,
    [stream],
  )
  return rows.map((row) => row.number)
}
