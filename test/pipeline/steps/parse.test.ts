import { expect, test } from 'vitest'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { recordsOf, stepContext, stepResources } from '../../support/step-context.ts'

const trace = recordsOf(
  ['app', '2026-11-23 09:00:01 ERROR Order processing failed'],
  ['other', 'plain text'],
  ['app', '\tat com.shop.Orders.total(Orders.java:42)'],
)
const timesOf = (events: unknown) => (events as { at: Date }[]).map(({ at }) => at.toISOString())

test('parse makes one event of each record, and lines of a trace have the time of its first', async () => {
  const run = await parse().open(stepResources())
  const events = await run(trace, stepContext(trace))
  expect(events).toMatchObject([
    { body: 'Order processing failed', severity: 17 },
    { body: 'plain text' },
    { body: '\tat com.shop.Orders.total(Orders.java:42)' },
  ])
  expect(timesOf(events)).toEqual([
    '2026-11-23T09:00:01.000Z',
    '2026-11-23T10:00:00.000Z',
    '2026-11-23T09:00:01.000Z',
  ])
})

test('a trace goes on in the next batch of its shard, in no other shard and in no other process', async () => {
  const run = await parse().open(stepResources())
  const rest = trace.slice(2)
  await run(trace.slice(0, 2), stepContext(trace.slice(0, 2)))
  expect(timesOf(await run(rest, stepContext(rest)))).toEqual(['2026-11-23T09:00:01.000Z'])
  const arrival = ['2026-11-23T10:00:00.000Z']
  expect(timesOf(await run(rest, stepContext(rest, { shardId: 2 })))).toEqual(arrival)
  const other = await parse().open(stepResources())
  expect(timesOf(await other(rest, stepContext(rest)))).toEqual(arrival)
})
