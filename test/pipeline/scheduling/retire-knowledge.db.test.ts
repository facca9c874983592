import { expect, test } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { countByWords } from '../../../src/knowledge/count-events.ts'
import { retirePatterns } from '../../../src/knowledge/retire/retire-patterns.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { openPipeline } from '../../../src/pipeline/batch/open-pipeline.ts'
import { runShard } from '../../../src/pipeline/batch/run-shard.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { findWork } from '../../../src/pipeline/scheduling/find-work.ts'
import { registerPipeline } from '../../../src/pipeline/scheduling/register-pipeline.ts'
import { retireKnowledge } from '../../../src/pipeline/scheduling/retire-knowledge.ts'
import { index } from '../../../src/pipeline/steps/index-events.ts'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { type PatternedEvent, pattern } from '../../../src/pipeline/steps/pattern.ts'
import { step } from '../../../src/pipeline/steps/step.ts'
import { testDatabase } from '../../support/database.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })
const deps = { pool: db.pool, logger }
const everything = { from: null, to: null, services: [], minSeverity: 0, streams: [] }
const name = 'retiring'

const counted = async () => {
  const counts = await countByWords(deps, { words: ['volume', 'full'], filters: everything })
  return counts.map((count) => count.count)
}
const agePatterns = () =>
  db.pool.query(`update millrace.pattern set created_at = now() - interval '40 days'`)

test('a batch whose patterns are retired before it commits is worked again, blamed on nobody, and found', async () => {
  let turns = 0
  const pipeline = definePipeline({ name, stream: name, retry: { attempts: 1 } })
    .step(parse())
    .step(pattern())
    .step(
      step<PatternedEvent, PatternedEvent>('between', async (events) => {
        turns += 1
        if (turns === 1) {
          await agePatterns()
          expect(await retirePatterns(deps, { retentionHours: 720 })).toBe(1)
        }
        return [...events]
      }),
    )
    .to(index())
  await createStream(db, { name })
  await using producer = createProducer(deps)
  const line = { partitionKey: 'a', data: Buffer.from('volume data is full') }
  await producer.put(name, [line, line])
  await registerPipeline(db, pipeline)
  await ensureCheckpoints(db, { name, streams: [name] })
  const open = await openPipeline(pipeline, {
    ...deps,
    pipeline: name,
    embedding: async () => {
      throw new Error('no step embeds')
    },
  })
  const work = async () => {
    await db.pool.query('update millrace.checkpoint set retry_at = null')
    for (const key of await findWork(deps, [name]))
      await runShard(deps, open, key, { owner: 'test', signal: new AbortController().signal })
  }
  await work()
  expect(await counted()).toEqual([])
  await work()
  expect(turns).toBe(2)
  expect(await counted()).toEqual([2])
  const { rows } = await db.pool.query('select count(*)::int as letters from millrace.dead_letter')
  expect(rows).toEqual([{ letters: 0 }])
})

test('nothing is retired when events are kept for ever, or are younger', async () => {
  const before = await counted()
  await agePatterns()
  await retireKnowledge(deps, { retention: 'never' })
  await retireKnowledge(deps, { retention: 720 })
  expect(await counted()).toEqual(before)
})
