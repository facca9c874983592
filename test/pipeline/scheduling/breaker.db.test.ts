import { beforeAll, describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { openBreaker } from '../../../src/pipeline/scheduling/breaker.ts'
import { findWork } from '../../../src/pipeline/scheduling/find-work.ts'
import { registerPipeline } from '../../../src/pipeline/scheduling/register-pipeline.ts'
import { testDatabase } from '../../support/database.ts'
import { createPipelineRig, isPoison, pipelineOf } from '../../support/pipeline-rig.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const { prepare, run, effects, setup, breaker } = createPipelineRig(db)

beforeAll(async () => {
  await prepare()
})

describe('the breaker', () => {
  it('of an outage that only one shard’s records meet lets the other shards through', async () => {
    await createStream(db, { name: 'picky', shards: 2 })
    const pipeline = pipelineOf('picky', (records) => {
      if (records.some(isPoison))
        throw new MillraceError('downstream_unavailable', 'it answered 500', { retryable: true })
      return records
    })
    await registerPipeline(db, pipeline)
    await using producer = createProducer({ ...db, logger })
    const [sick, well] = await Promise.all(
      ['poison', 'good'].map(async (text, shard) => {
        const hashKey = BigInt(shard) << 127n
        const [put] = await producer.put('picky', [
          { partitionKey: 'k', explicitHashKey: hashKey, data: Buffer.from(text) },
        ])
        const { rows } = await db.pool.query(
          `select sh.id from millrace.shard sh join millrace.stream st on st.id = sh.stream_id
            where st.name = 'picky' and sh.number = $1`,
          [put?.ok ? put.shard : -1],
        )
        return { pipeline, key: { pipeline: 'picky', shardId: Number(rows[0].id) } }
      }),
    )
    if (!sick || !well) return expect.unreachable()
    const waits = async () => {
      const { rows } = await db.pool.query(
        `select extract(epoch from p.breaker_until - clock_timestamp())::float8 as breaker,
                extract(epoch from c.retry_at - clock_timestamp())::float8 as shard
           from millrace.pipeline p join millrace.checkpoint c on c.pipeline = p.name
          where p.name = 'picky' and c.shard_id = $1`,
        [sick.key.shardId],
      )
      return rows[0]
    }
    /** As if the breaker's wait were over, and as much of the shards'. */
    const passBreaker = async () => {
      const { breaker: seconds } = await waits()
      await db.pool.query(
        `update millrace.pipeline set breaker_until = clock_timestamp() where name = 'picky'`,
      )
      await db.pool.query(
        `update millrace.checkpoint set retry_at = retry_at - make_interval(secs => $1) where pipeline = 'picky'`,
        [seconds],
      )
    }
    expect(await run(sick)).toMatchObject({ end: 'failed' })
    await passBreaker()
    expect(await findWork(db, ['picky'])).toEqual([well.key])
    expect(await run(well)).toMatchObject({ end: 'caught_up', records: 1 })
    expect(await breaker('picky')).toMatchObject({ breaker: 'closed' })
    expect(await effects('picky')).toEqual(['good'])

    // It meets the outage again though another has come through: the others get more time than it takes from them.
    await db.pool.query(`update millrace.checkpoint set retry_at = null where pipeline = 'picky'`)
    expect(await run(sick)).toMatchObject({ end: 'failed' })
    const { breaker: closed, shard } = await waits()
    expect(shard).toBeGreaterThan(3 * closed)
  })

  it('waits no shorter than the provider asks for', async () => {
    await setup('asking', [])
    const reason = 'it answered 429'
    for (let time = 0; time < 5; time += 1) {
      await db.pool.query(`update millrace.pipeline set breaker = 'closed' where name = 'asking'`)
      expect(
        await openBreaker(db, 'asking', { reason, askedMs: 60_000, isProbe: false }),
      ).toBeGreaterThanOrEqual(60_000)
    }
  })
})
