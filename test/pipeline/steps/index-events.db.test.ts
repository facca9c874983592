import { beforeAll, expect, test } from 'vitest'
import { transaction } from '../../../src/db/transaction.ts'
import { PartialFailure } from '../../../src/pipeline/step.ts'
import { index } from '../../../src/pipeline/steps/index-events.ts'
import type { PatternedEvent } from '../../../src/pipeline/steps/pattern.ts'
import { testDatabase } from '../../support/database.ts'
import { stepContext, stepResources } from '../../support/step-context.ts'

const db = await testDatabase()
const at = new Date('2026-11-23T10:00:00Z')
const base = { at, severity: 9, service: 'web', host: null, pod: null, traceId: null, metAt: 1 }

function eventOf(sequence: bigint, body: string): PatternedEvent {
  return { ...base, sequence, patternId: 1, body, attributes: '{"a":1}', terms: ['x'] }
}

async function write(events: readonly PatternedEvent[]): Promise<unknown> {
  const sink = await index().open(stepResources({ pool: db.pool }))
  const run = await sink.prepare(events, stepContext([], { shardId: 7 }))
  return transaction(db.pool, run)
}

async function stored(): Promise<string[]> {
  const { rows } = await db.pool.query<{ line: string }>(
    `select shard_id || '/' || seq || ' ' || body as line
       from millrace.event
      order by seq`,
  )
  return rows.map((row) => row.line)
}

beforeAll(() =>
  db.pool.query(
    `insert into millrace.pattern (service, severity, template, token_count, example, words)
     values ('web', 9, 'one', 1, 'one', 'one')`,
  ),
)

test('index stores events of any day under their shard and number, once, however often they come', async () => {
  const day = 86_400_000n << 22n
  const events = [eventOf(1n, 'one'), eventOf(2n, 'two'), eventOf(day + 1n, 'three')]
  expect(await write(events)).toBeUndefined()
  await write(events)
  expect(await stored()).toEqual(['7/1 one', '7/2 two', `7/${day + 1n} three`])
  expect(await write([])).toBeUndefined()
})

test('index names a record that became two events instead of losing one of them', async () => {
  const before = await stored()
  const outcome = await write([eventOf(11n, 'x'), eventOf(12n, 'y'), eventOf(12n, 'z')])
  expect(outcome).toBeInstanceOf(PartialFailure)
  expect(outcome).toMatchObject({ failed: [12n], reason: expect.stringContaining('one event') })
  expect(await stored()).toEqual(before)
})
