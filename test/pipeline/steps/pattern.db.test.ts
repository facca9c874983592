import { expect, test } from 'vitest'
import { pattern } from '../../../src/pipeline/steps/pattern.ts'
import { testDatabase } from '../../support/database.ts'
import { recordsOf, stepContext, stepResources } from '../../support/step-context.ts'
import { parse } from './parse/parse-line.ts'

const db = await testDatabase()
const resources = stepResources({ pool: db.pool })

test('an event gets its number, its pattern, its terms, and its marks beside its attributes', async () => {
  const context = stepContext(recordsOf('a', 'b', 'c'))
  const run = await pattern().open(resources)
  const lines = [
    { level: 'error', msg: 'order 1001 of alice failed', service: 'shop', hostname: 'h1', n: 1234 },
    { level: 'error', msg: 'order 1002 of alice failed', service: 'shop' },
    Buffer.from([0xff, 0xfe, 0x61]),
  ]
  const events = await run(lines.map(parse), context)
  const [patternId, metAt] = [expect.any(Number), expect.any(Number)]
  expect(events).toMatchObject([
    {
      sequence: 1n,
      patternId,
      metAt,
      severity: 17,
      service: 'shop',
      host: 'h1',
      body: 'order 1001 of alice failed',
      attributes: '{"n":1234}',
      terms: expect.arrayContaining(['h1', '1001', '1234']),
    },
    { sequence: 2n, attributes: null },
    { sequence: 3n, service: '', attributes: '{"marks":["not_utf8"]}' },
  ])
  const ids = (events as { patternId: number }[]).map((event) => event.patternId)
  expect(ids[0]).toBe(ids[1])
  expect(ids[2]).not.toBe(ids[0])
})

test('lines of one kind have one pattern in all processes', async () => {
  const idIn = async (msg: string) => {
    const run = await pattern().open(resources)
    const [event] = (await run([parse({ msg })], stepContext(recordsOf('a')))) as {
      patternId: number
    }[]
    return event?.patternId
  }
  expect(await idIn('cache 17 was evicted')).toBe(await idIn('cache 18 was evicted'))
})
