import { beforeAll, expect, test } from 'vitest'
import { wait } from '../../../src/base/backoff.ts'
import { createLogger } from '../../../src/base/logger.ts'
import { redriveDeadLetters } from '../../../src/pipeline/operations/redrive-dead-letters.ts'
import { redriveLetters } from '../../../src/pipeline/scheduling/redrive-letters.ts'
import { testDatabase } from '../../support/database.ts'
import { createPipelineRig, pipelineOf } from '../../support/pipeline-rig.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const rig = createPipelineRig(db)

beforeAll(async () => {
  await rig.prepare()
})

test('a letter that takes longer than a claim of it lasts is tried by one worker', async () => {
  const options = { retry: { attempts: 1, backoffMs: 0 } }
  const { key } = await rig.setup('long', ['poison'], options)
  let calls = 0
  let isMended = false
  const pipeline = pipelineOf(
    'long',
    async (records) => {
      if (!isMended) throw new Error('not yet')
      calls += 1
      await wait(1_500)
      return records
    },
    options,
  )
  await rig.run({ pipeline, key })
  expect(await rig.deadLetters('long')).toHaveLength(1)

  isMended = true
  await redriveDeadLetters(db, { pipeline: 'long', all: true })
  const open = await rig.open(pipeline)
  const { signal } = new AbortController()
  const redrive = () => redriveLetters({ ...db, logger }, open, { signal, claimMs: 400 })
  const first = redrive()
  await wait(900)
  expect(await redrive()).toBe(0)
  expect(await first).toBe(1)
  expect(calls).toBe(1)
  expect(await rig.effects('long')).toEqual(['poison'])
})
