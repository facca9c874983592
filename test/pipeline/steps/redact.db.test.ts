import { expect, test } from 'vitest'
import { redactEvent } from '../../../src/pipeline/steps/redact/redact-event.ts'
import { readRedactionSalt } from '../../../src/pipeline/steps/redact/redaction-salt.ts'
import { redact } from '../../../src/pipeline/steps/redact.ts'
import { testDatabase } from '../../support/database.ts'
import { stepContext, stepResources } from '../../support/step-context.ts'
import { parse } from './parse/parse-line.ts'

const db = await testDatabase()

test("redact puts placeholders of the database's own salt, which it reads once", async () => {
  const event = parse({ msg: 'password=hunter2', token: 'abcdef123' })
  const run = await redact().open(stepResources({ pool: db.pool }))
  await db.pool.query(`update millrace.setting set value = 'another' where name = 'redaction_salt'`)
  const another = redactEvent(event, { salt: await readRedactionSalt(db) }).event
  const [first] = (await run([event], stepContext([]))) as (typeof event)[]
  const [second] = (await run([event], stepContext([]))) as (typeof event)[]
  expect(first?.body).toMatch(/^password=<password:\w{6}>$/)
  expect(second).toEqual(first)
  expect(first?.body).not.toBe(another.body)
})
