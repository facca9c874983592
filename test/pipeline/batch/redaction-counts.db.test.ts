import { expect, test } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { readPipelineStatus } from '../../../src/pipeline/operations/read-pipeline-status.ts'
import { redriveDeadLetters } from '../../../src/pipeline/operations/redrive-dead-letters.ts'
import { redriveLetters } from '../../../src/pipeline/scheduling/redrive-letters.ts'
import { registerPipeline } from '../../../src/pipeline/scheduling/register-pipeline.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { map } from '../../../src/pipeline/steps/map.ts'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { redact } from '../../../src/pipeline/steps/redact.ts'
import { testDatabase } from '../../support/database.ts'
import { createPipelineRig } from '../../support/pipeline-rig.ts'

const db = await testDatabase()
const rig = createPipelineRig(db)
const logger = createLogger({ level: 'silent' })

test('what was redacted is counted once, however often its batch was tried, and of what was given up when it is redriven', async () => {
  const name = 'counted'
  const { key } = await rig.setup(name, [
    'mail a@example.com password=hunter2',
    'mail b@example.com id EMP-123456',
    'poison c@example.com',
    'mail d@example.com',
  ])
  let failures = 0
  let isMended = false
  const pipeline = definePipeline({ name, stream: name, retry: { attempts: 2, backoffMs: 0 } })
    .step(parse())
    .step(redact({ rules: [{ name: 'employee', pattern: /EMP-\d{6}/ }] }))
    .step(
      map('moody', (event) => {
        if (isMended || !event.body.startsWith('poison')) return event
        failures += 1
        throw new Error('not this one')
      }),
    )
    .to(sink('nowhere', async () => undefined))
  await registerPipeline(db, pipeline)
  for (let turn = 0; turn < 6; turn += 1) {
    await rig.run({ pipeline, key })
    await rig.makeDue(name)
  }
  const { totals } = await readPipelineStatus(db, { name })
  expect(failures).toBeGreaterThan(1)
  expect(totals).toMatchObject({ records: 4, dead: 1 })
  expect(totals.redacted).toEqual({ email: 3, password: 1, employee: 1 })

  isMended = true
  await redriveDeadLetters(db, { pipeline: name, all: true })
  const { signal } = new AbortController()
  expect(await redriveLetters({ ...db, logger }, await rig.open(pipeline), { signal })).toBe(1)
  const after = await readPipelineStatus(db, { name })
  expect(after.totals.redacted).toEqual({ email: 4, password: 1, employee: 1 })
})

test('what was redacted of an event whose lines come in several batches is counted once', async () => {
  const name = 'joined'
  const lines = [
    '2026-11-23 09:00:01 ERROR order of a@example.com failed',
    '  for b@example.com',
    '  for nobody',
    '  password=hunter2',
  ]
  // Of one length, which the rig makes one partition key of.
  const { key } = await rig.setup(
    name,
    lines.map((line) => line.padEnd(60)),
  )
  const pipeline = definePipeline({ name, stream: name, batch: { records: 1 } })
    .step(parse())
    .step(redact())
    .to(sink('nowhere', async () => undefined))
  await registerPipeline(db, pipeline)
  await rig.run({ pipeline, key })
  const { totals } = await readPipelineStatus(db, { name })
  expect(totals).toMatchObject({ records: 4, redacted: { email: 2, password: 1 } })
})
