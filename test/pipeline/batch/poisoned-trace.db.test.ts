import { expect, test } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { redriveDeadLetters } from '../../../src/pipeline/operations/redrive-dead-letters.ts'
import { redriveLetters } from '../../../src/pipeline/scheduling/redrive-letters.ts'
import { toTable } from '../../../src/pipeline/sinks/to-table.ts'
import { filter } from '../../../src/pipeline/steps/filter.ts'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { testDatabase } from '../../support/database.ts'
import { createPipelineRig } from '../../support/pipeline-rig.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const rig = createPipelineRig(db)

test('a stack trace whose event fails goes to the dead letters line by line, and none of it is lost', async () => {
  const name = 'trace'
  const lines = [
    '2026-11-23 09:00:00 INFO c.s.Orders - before',
    '2026-11-23 09:00:01 ERROR c.s.Orders - poison',
    '\tat com.shop.Orders.total(Orders.java:42)',
    '\tat com.shop.Orders.main(Orders.java:7)',
    '2026-11-23 09:00:02 INFO c.s.Orders - after',
  ].map((line) => line.padEnd(60))
  const { key } = await rig.setup(name, lines)
  let isMended = false
  const pipeline = definePipeline({ name, stream: name, retry: { attempts: 2, backoffMs: 0 } })
    .step(parse())
    .step(
      filter((event) => {
        if (!isMended && event.body.includes('poison')) throw new Error('not this one')
        return true
      }),
    )
    .to(
      toTable({
        table: 'line',
        columns: { id: 'text', body: 'text' },
        key: ['id'],
        onConflict: 'replace',
      }),
    )
  const bodies = async () =>
    (await db.pool.query('select body from line order by id')).rows.map((row) => row.body.trim())
  for (let turn = 0; turn < 8; turn += 1) {
    await rig.run({ pipeline, key })
    await rig.makeDue(name)
  }
  expect((await rig.deadLetters(name)).map((letter) => letter.data)).toEqual(lines.slice(1, 4))
  expect(await bodies()).toEqual([
    expect.stringMatching(/before$/),
    expect.stringMatching(/after$/),
  ])

  isMended = true
  await redriveDeadLetters(db, { pipeline: name, all: true })
  const { signal } = new AbortController()
  expect(await redriveLetters({ ...db, logger }, await rig.open(pipeline), { signal })).toBe(3)
  expect(await bodies()).toEqual([
    expect.stringMatching(/before$/),
    expect.stringMatching(/poison$/),
    expect.stringMatching(/Orders.java:42\)$/),
    expect.stringMatching(/Orders.java:7\)$/),
    expect.stringMatching(/after$/),
  ])
})
