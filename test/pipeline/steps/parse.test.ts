import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../src/log/read-records.ts'
import type { ParsedEvent } from '../../../src/pipeline/steps/parse/parse-record.ts'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { recordsOf, stepContext, stepResources } from '../../support/step-context.ts'
import { interleavedTraces, joinedTraces } from './parse/join/interleaved-traces.ts'

type Run = (records: readonly LogRecord[]) => Promise<ParsedEvent[][]>

/** A parse step of a process of its own, whose batches follow one another. */
async function start(): Promise<Run> {
  const run = await parse().open(stepResources())
  let after = 0n
  return async (records) => {
    const to = records.at(-1)?.sequence ?? after
    const made = await run(records, stepContext(records, { span: { after, to } }))
    after = to
    return made as ParsedEvent[][]
  }
}

/** What is stored after batches of so many records: the last of what was yielded for each first record. */
async function storedAfter(
  records: readonly LogRecord[],
  size: number,
): Promise<typeof joinedTraces> {
  const run = await start()
  const stored = new Map<bigint, ParsedEvent>()
  for (let at = 0; at < records.length; at += size) {
    const batch = records.slice(at, at + size)
    for (const [index, events] of (await run(batch)).entries())
      for (const event of events) {
        const own = batch[index]?.sequence ?? 0n
        expect(stored.has(event.continues ?? own)).toBe(event.continues !== undefined)
        stored.set(event.continues ?? own, event)
      }
  }
  return [...stored].map(([sequence, { at, severity, body }]) => ({
    place: Number(sequence) - 1,
    at: at.toISOString(),
    severity,
    body,
  }))
}

const interleaved = recordsOf(...interleavedTraces)

describe('parse', () => {
  test('joins a trace to the line it belongs to, by pod and key, whatever size the batches have', async () => {
    const whole = await storedAfter(interleaved, 1_000)
    expect(whole).toEqual(joinedTraces)
    for (const size of [1, 2, 3, 5]) expect(await storedAfter(interleaved, size)).toEqual(whole)
  })

  test('yields the same again when a batch, or the second half of one, comes again', async () => {
    const context = (from: number, to: number) => {
      const batch = interleaved.slice(from, to)
      const span = { after: BigInt(from), to: BigInt(to) }
      return [batch, stepContext(batch, { span })] as const
    }
    const opened = await parse().open(stepResources())
    const run = async (from: number, to: number) =>
      (await opened(...context(from, to))) as ParsedEvent[][]
    await run(0, 5)
    const first = await run(5, 13)
    expect(await run(5, 13)).toEqual(first)
    const halves = [...(await run(5, 9)), ...(await run(9, 13))].flat()
    const bodies = new Map(halves.map((event) => [event.continues, event.body]))
    for (const [event] of first) if (event) expect(bodies.get(event.continues)).toBe(event.body)
  })

  test('gives an event one id, that of its first record, however often it is yielded', async () => {
    const run = await start()
    const ids = async (records: readonly LogRecord[]) =>
      (await run(records)).flat().map((event) => event.id)
    const trace = recordsOf('2026-11-23 09:00:01 ERROR boom', '\tat com.shop.A.b(A.java:1)')
    expect(await ids(trace.slice(0, 1))).toEqual(['logs/0/1'])
    expect(await ids(trace.slice(1))).toEqual(['logs/0/1'])
    expect(await (await start())(trace)).toMatchObject([[{ id: 'logs/0/1' }], []])
  })

  test('joins nothing for a record out of its order', async () => {
    const run = await parse().open(stepResources())
    const alone = interleaved.slice(5, 6)
    await run(interleaved.slice(0, 5), stepContext(interleaved.slice(0, 5)))
    expect(await run(alone, stepContext(alone))).toMatchObject([
      [{ body: '\tat com.shop.Orders.total(Orders.java:42)', severity: 0 }],
    ])
  })

  test('gives a line without a time that of the line before it of its source, if that is not old', async () => {
    const records = recordsOf(
      ['app', '2026-11-23 09:00:01 WARN slow'],
      ['app', 'plain text'],
      ['other', 'plain text'],
      ['app', 'plain text, much later'],
    )
    const late = records.map((record, index) => ({
      ...record,
      arrivedAt: new Date(record.arrivedAt.getTime() + (index === 3 ? 60_000 : index)),
    }))
    for (const size of [1, 4])
      expect((await storedAfter(late, size)).map(({ at }) => at)).toEqual([
        '2026-11-23T09:00:01.000Z',
        '2026-11-23T09:00:01.000Z',
        '2026-11-23T10:00:00.002Z',
        '2026-11-23T10:01:00.000Z',
      ])
  })
})
