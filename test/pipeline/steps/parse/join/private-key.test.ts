import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ParsedEvent } from '../../../../../src/pipeline/steps/parse/parse-record.ts'
import { parse } from '../../../../../src/pipeline/steps/parse.ts'
import { redactEvent } from '../../../../../src/pipeline/steps/redact/redact-event.ts'
import { recordsOf, stepContext, stepResources } from '../../../../support/step-context.ts'

const key = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
  .trim()
  .split('\n')
const time = '2026-11-23T10:00:01Z'

test.each([
  ['below a line', [`${time} ERROR cannot read`, ...key]],
  ['behind a line', [`${time} INFO loaded ${key[0]}`, ...key.slice(1)]],
  ['alone', key],
  ['indented', [`${time} ERROR cannot read`, ...key.map((line) => `  ${line}`)]],
])('a private key whose lines are records of their own is redacted %s', async (_, lines) => {
  const records = recordsOf(...lines, `${time} INFO the next`)
  for (const size of [1, 7, records.length]) {
    const run = await parse().open(stepResources())
    const events: ParsedEvent[] = []
    for (let at = 0; at < records.length; at += size) {
      const batch = records.slice(at, at + size)
      const span = { after: BigInt(at), to: BigInt(at + batch.length) }
      const context = stepContext(batch, { span })
      events.push(...((await run(batch, context)) as ParsedEvent[][]).flat())
    }
    const bodies = events.map((event) => redactEvent(event).event.body)
    for (const line of key.slice(1, -1)) expect(bodies.join('\n')).not.toContain(line)
    expect(bodies.at(-1)).toBe('the next')
  }
})
