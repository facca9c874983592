import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { findUnknownPipelines } from '../../../src/pipeline/find-unknown-pipelines.ts'
import { replayPipeline } from '../../../src/pipeline/operations/replay-pipeline.ts'
import type { PipelineOptions } from '../../../src/pipeline/pipeline-options.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { renewLease, takeLease } from '../../../src/pipeline/scheduling/lease.ts'
import { createPipelineSet } from '../../../src/pipeline/scheduling/pipeline-set.ts'
import { registerPipeline } from '../../../src/pipeline/scheduling/register-pipeline.ts'
import { signIn } from '../../../src/pipeline/scheduling/roster.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { aggregate } from '../../../src/pipeline/steps/aggregate.ts'
import { testDatabase } from '../../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const nowhere = sink('nowhere', async () => {})
const embedding = async () => {
  throw new Error('no embedder')
}

beforeAll(async () => {
  await createStream(db, { name: 'logs', shards: 2 })
  await put(10)
})

async function put(count: number): Promise<void> {
  await using producer = createProducer({ ...db, logger })
  await producer.put(
    'logs',
    Array.from({ length: count }, (_, index) => ({
      partitionKey: `k${index}`,
      data: Buffer.from('x'),
    })),
  )
}

const define = (name: string, options: Partial<PipelineOptions> = {}) =>
  definePipeline({ name, stream: 'logs', ...options }).to(nowhere)

/** Records that a pipeline would read. */
const behind = async (name: string): Promise<number> => {
  const { rows } = await db.pool.query(
    'select sum(millrace.records_after(shard_id, seq))::int as n from millrace.checkpoint where pipeline = $1',
    [name],
  )
  return rows[0].n
}

describe('registerPipeline', () => {
  it('starts where the definition says, and later shards at their beginning', async () => {
    const { rows } = await db.pool.query(`select now() - interval '1 hour' as past, now() as now`)
    await registerPipeline(db, define('horizon'))
    await registerPipeline(db, define('latest', { start: 'LATEST' }))
    const at = (timestamp: Date): Partial<PipelineOptions> => ({
      start: { type: 'AT_TIMESTAMP', timestamp },
    })
    await registerPipeline(db, define('past', at(rows[0].past)))
    await registerPipeline(db, define('present', at(rows[0].now)))
    expect(await behind('horizon')).toBe(10)
    expect(await behind('latest')).toBe(0)
    expect(await behind('past')).toBe(10)
    expect(await behind('present')).toBe(0)
    await splitShard(db, { stream: 'logs', shard: 0 })
    await put(7)
    await ensureCheckpoints(db, { name: 'latest', streams: ['logs'] })
    expect(await behind('latest')).toBe(7)
  })

  it('takes a pipeline and its replays from those who work an older definition', async () => {
    await registerPipeline(db, define('fenced'))
    await replayPipeline(db, { name: 'fenced', as: 'fenced-again', from: 'TRIM_HORIZON' })
    const { rows: shards } = await db.pool.query('select min(id) as id from millrace.shard')
    const take = (pipeline: string, revision: number) =>
      takeLease(db, { pipeline, shardId: shards[0].id }, { owner: 'x', leaseMs: 60_000, revision })
    const held = [await take('fenced', 1), await take('fenced-again', 1)]
    await registerPipeline(db, define('fenced', { batch: { records: 7 } }))
    for (const one of held)
      expect(one.taken && (await renewLease(db, one.lease, { leaseMs: 1 }))).toBe(false)
    for (const name of ['fenced', 'fenced-again']) {
      expect(await take(name, 1)).toEqual({ taken: false })
      expect(await take(name, 2)).toMatchObject({ taken: true })
    }
  })

  it('refuses other windows while a replay has some open', async () => {
    const windowed = (windowMs: number) =>
      definePipeline({ name: 'open', stream: 'logs' })
        .step(
          aggregate({
            windowMs,
            initial: () => 0,
            add: (count: number) => count + 1,
            result: (count) => ({ count }),
          }),
        )
        .to(nowhere)
    await registerPipeline(db, windowed(60_000))
    await replayPipeline(db, { name: 'open', as: 'open-again', from: 'TRIM_HORIZON' })
    await db.pool.query(
      `insert into millrace.window_state (pipeline, shard_id, step, starts_at, ends_at, state)
       select 'open-again', min(id), 0, now(), now() + interval '1 minute', '{}' from millrace.shard`,
    )
    await expect(registerPipeline(db, windowed(30_000))).rejects.toThrow(/some are open/)
  })

  it('picks a changed definition up, and refuses what would mean something else', async () => {
    expect(await registerPipeline(db, define('changing'))).toEqual({ revision: 1, outcome: 'new' })
    expect(await registerPipeline(db, define('changing'))).toEqual({
      revision: 1,
      outcome: 'unchanged',
    })
    const changed = define('changing', { batch: { records: 7 }, parallelization: 2 })
    expect(await registerPipeline(db, changed)).toEqual({ revision: 2, outcome: 'changed' })
    await expect(registerPipeline(db, define('changing', { start: 'LATEST' }))).rejects.toThrow(
      /"changing" was not changed: its start changed from TRIM_HORIZON to LATEST.*millrace pipeline seek changing/,
    )
    const moved = definePipeline({ name: 'changing', stream: 'other' }).to(nowhere)
    await expect(registerPipeline(db, moved)).rejects.toThrow(
      /it follows \["logs"\] and would now follow \["other"\].*millrace pipeline delete changing/,
    )
    expect(await registerPipeline(db, define('changing'), { keepKnown: true })).toMatchObject({
      outcome: 'unchanged',
    })
  })

  it('refuses other windows while some are open', async () => {
    const windowed = (windowMs: number) =>
      definePipeline({ name: 'windowed', stream: 'logs' })
        .step(
          aggregate({
            windowMs,
            initial: () => 0,
            add: (count: number) => count + 1,
            result: (count) => ({ count }),
          }),
        )
        .to(nowhere)
    await registerPipeline(db, windowed(1_000))
    await registerPipeline(db, windowed(2_000))
    await db.pool.query(
      `insert into millrace.window_state values ('windowed', 1, 0, now(), now(), '{}')`,
    )
    await expect(registerPipeline(db, windowed(3_000))).rejects.toThrow(
      /its windows changed while some are open/,
    )
    await db.pool.query('delete from millrace.window_state')
  })
})

describe('the pipelines of a worker', () => {
  it('leave out what is refused, paused, deleted or superseded, and run the rest and its replays', async () => {
    const deps = { ...db, logger, embedding }
    const set = await createPipelineSet(deps, [
      define('kept'),
      define('doomed'),
      define('resting'),
      define('old'),
      define('horizon', { start: 'LATEST' }),
    ])
    expect(set.refused).toMatchObject([{ name: 'horizon' }])
    await db.pool.query(
      `insert into millrace.pipeline (name, replay_of, definition)
       values ('again', 'kept', '{"streams": ["logs"]}')`,
    )
    await db.pool.query(`delete from millrace.checkpoint where pipeline = 'doomed'`)
    await db.pool.query(`delete from millrace.pipeline where name = 'doomed'`)
    await db.pool.query(`update millrace.pipeline set state = 'paused' where name = 'resting'`)
    await registerPipeline(db, define('old', { parallelization: 3 }))
    const look = async () => {
      const self = { id: 'me', pipelines: set.names, concurrency: 4 }
      await set.update(await signIn(db, self, { names: set.names, leaseMs: 5_000 }))
      return [...set.running().keys()].sort()
    }
    expect(await look()).toEqual(['again', 'kept'])
    await db.pool.query(`update millrace.pipeline set state = 'running' where name = 'resting'`)
    expect(await look()).toEqual(['again', 'kept', 'resting'])
  })

  it('say which pipelines with work nobody knows', async () => {
    await db.pool.query('delete from millrace.worker')
    await signIn(
      db,
      { id: 'w', pipelines: ['horizon', 'past'], concurrency: 1 },
      { names: [], leaseMs: 5_000 },
    )
    const unknown = await findUnknownPipelines(db, { id: 'w', pipelines: [] })
    expect(unknown.map(({ name }) => name)).toContain('changing')
    expect(unknown.map(({ name }) => name)).not.toContain('horizon')
    expect(unknown.every((pipeline) => pipeline.behind > 0)).toBe(true)
    // One that the worker has and cannot open is known: nobody should add or delete it.
    const others = await findUnknownPipelines(db, { id: 'w', pipelines: ['changing'] })
    expect(others.map(({ name }) => name)).not.toContain('changing')
  })

  it('wait for one that cannot be opened, say why, and run the others', async () => {
    const broken = definePipeline({ name: 'broken', stream: 'logs' }).to({
      name: 'absent',
      open: () => {
        throw new Error('its table is missing')
      },
    })
    const set = await createPipelineSet({ ...db, logger, embedding }, [broken, define('whole')])
    const self = { id: 'me', pipelines: set.names, concurrency: 4 }
    await set.update(await signIn(db, self, { names: set.names, leaseMs: 5_000 }))
    expect([...set.running().keys()]).toEqual(['whole'])
    const { rows } = await db.pool.query(
      `select last_error as error from millrace.checkpoint where pipeline = 'broken'`,
    )
    expect(rows[0].error).toMatch(/step "absent" cannot be opened: its table is missing/)
  })
})
