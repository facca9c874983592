import { expect, test } from 'vitest'
import { createLogger } from '../../../../../src/base/logger.ts'
import { createStream } from '../../../../../src/log/create-stream.ts'
import { describeStream } from '../../../../../src/log/describe-stream.ts'
import { createProducer } from '../../../../../src/log/producer.ts'
import { openPipeline } from '../../../../../src/pipeline/batch/open-pipeline.ts'
import { runShard } from '../../../../../src/pipeline/batch/run-shard.ts'
import { definePipeline, type Pipeline } from '../../../../../src/pipeline/define-pipeline.ts'
import { registerPipeline } from '../../../../../src/pipeline/scheduling/register-pipeline.ts'
import { sink } from '../../../../../src/pipeline/sink.ts'
import { index } from '../../../../../src/pipeline/steps/index-events.ts'
import { parse } from '../../../../../src/pipeline/steps/parse.ts'
import { pattern } from '../../../../../src/pipeline/steps/pattern.ts'
import { redact } from '../../../../../src/pipeline/steps/redact.ts'
import { testDatabase } from '../../../../support/database.ts'
import { interleavedTraces, joinedTraces } from './interleaved-traces.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })
type Lines = readonly (readonly [partitionKey: string, text: string])[]

async function put(stream: string, lines: Lines): Promise<void> {
  await using producer = createProducer({ ...db, logger })
  const records = lines.map(([partitionKey, text]) => ({ partitionKey, data: Buffer.from(text) }))
  const results = await producer.put(stream, records)
  expect(results.every((result) => result.ok)).toBe(true)
}

/** A stream of its own with the built-in pipeline, without vectors, over it. `beforeCommit` may throw. */
async function setup(name: string, records: number, beforeCommit = () => {}) {
  await createStream(db, { name })
  const pipeline: Pipeline = definePipeline({
    name,
    stream: name,
    batch: { records },
    retry: { backoffMs: 0 },
  })
    .step(parse())
    .step(redact())
    .step(pattern())
    .to(
      index(),
      sink('failing', async () => beforeCommit()),
    )
  await registerPipeline(db, pipeline)
  const { shards } = await describeStream(db, name)
  const shardId = shards[0]?.id ?? 0
  /** Works the shard as a process that was just started. */
  const run = async () => {
    await db.pool.query('update millrace.checkpoint set retry_at = null where pipeline = $1', [
      name,
    ])
    const embedding = () => Promise.reject(new Error('no embedder'))
    const opened = await openPipeline(pipeline, { ...db, logger, pipeline: name, embedding })
    return runShard(
      { ...db, logger },
      opened,
      { pipeline: name, shardId },
      {
        owner: 'test',
        signal: new AbortController().signal,
      },
    )
  }
  return { run, shardId }
}

/** The events of a shard by the place of their first record, and what is counted of them. */
async function stored(shardId: number) {
  const { rows } = await db.pool.query(
    `select (millrace.records_after($1, 0) - millrace.records_after($1, e.seq) - 1)::int as place,
            e.at, e.severity, e.body
       from millrace.event e
      where e.shard_id = $1
      order by e.seq`,
    [shardId],
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

/** Events counted by the minute, which are those that are stored. */
async function counted(shardId: number): Promise<{ events: number; different: number }> {
  const { rows } = await db.pool.query(
    `select coalesce(sum(coalesce(c.events, 0)), 0)::int as events,
            count(*) filter (where c.events is distinct from e.events)::int as different
       from (select pattern_id, date_bin('1 minute', at, '2000-01-01Z') as minute, count(*)::int as events
               from millrace.event where shard_id = $1 group by 1, 2) e
       full join (select pattern_id, minute, events from millrace.event_count where shard_id = $1) c
         using (pattern_id, minute)`,
    [shardId],
  )
  return rows[0]
}

for (const size of [1, 2, 3, 1_000])
  test(`batches of ${size} store and count each event once, whole`, async () => {
    const { run, shardId } = await setup(`size-${size}`, size)
    await put(`size-${size}`, interleavedTraces)
    expect(await run()).toEqual({ end: 'caught_up', records: interleavedTraces.length })
    expect(await stored(shardId)).toEqual(joinedTraces)
    expect(await counted(shardId)).toEqual({ events: joinedTraces.length, different: 0 })
  })

test('a process that takes over in the middle of a trace goes on with it', async () => {
  for (const size of [1, 4, 7]) {
    const name = `heirs-${size}`
    const { run, shardId } = await setup(name, 1_000)
    for (let at = 0; at < interleavedTraces.length; at += size) {
      await put(name, interleavedTraces.slice(at, at + size))
      expect(await run()).toMatchObject({ end: 'caught_up' })
    }
    expect(await stored(shardId)).toEqual(joinedTraces)
    expect(await counted(shardId)).toEqual({ events: joinedTraces.length, different: 0 })
  }
})

test('a process that takes over finds the beginning of a trace behind thousands of other lines', async () => {
  const { run, shardId } = await setup('far-back', 10_000)
  const others = Array.from({ length: 5_000 }, (_, at) => ['other', `tick ${at}`] as const)
  await put('far-back', [['pod-1', 'java.lang.IllegalStateException: no seat'], ...others])
  expect(await run()).toMatchObject({ end: 'caught_up' })
  await put('far-back', [['pod-1', '\tat com.example.Booking.take(Booking.java:17)']])
  expect(await run()).toMatchObject({ end: 'caught_up' })
  const events = await stored(shardId)
  expect(events).toHaveLength(5_001)
  expect(events[0].body).toContain('Booking.java:17')
})

test('a batch that fails, is halved and tried again leaves the same events', async () => {
  let calls = 0
  const { run, shardId } = await setup('failing', 5, () => {
    calls += 1
    if (calls % 3 !== 0) throw new Error('not yet')
  })
  await put('failing', interleavedTraces)
  for (let turn = 0; turn < 100; turn += 1) if ((await run()).end === 'caught_up') break
  expect(await stored(shardId)).toEqual(joinedTraces)
  expect(await counted(shardId)).toEqual({ events: joinedTraces.length, different: 0 })
})

test('a secret that two batches share is stored as one placeholder', async () => {
  const { run, shardId } = await setup('secret', 2)
  await put('secret', [
    ['app', '2026-11-23 09:00:01 ERROR cannot read the key'],
    ['app', '  -----BEGIN RSA PRIVATE KEY-----'],
    ['app', '  MIIEpAIBAAKCAQEA7bq3uSTzFz0VbZ5KqV0xQ1k2PmB8n4yTz5V7qYbJ1mZkQw8P'],
    ['app', '  -----END RSA PRIVATE KEY-----'],
  ])
  await run()
  const [event, ...others] = await stored(shardId)
  expect(others).toEqual([])
  expect(event?.body).toContain('cannot read the key')
  expect(event?.body).not.toContain('MIIE')
})
