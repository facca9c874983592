import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { sequenceAt } from '../../../src/log/sequence.ts'
import {
  foldWindow,
  maxStateBytes,
  type OpenWindow,
} from '../../../src/pipeline/batch/tumbling-window.ts'
import type { WindowStep } from '../../../src/pipeline/step.ts'
import { aggregate } from '../../../src/pipeline/steps/aggregate.ts'

const base = Date.UTC(2026, 0, 1)

function recordAt(ms: number, key: string): LogRecord {
  const at = new Date(base + ms)
  return { sequence: sequenceAt(at), partitionKey: key, data: Buffer.from('x'), arrivedAt: at }
}

const counting = aggregate({
  windowMs: 1_000,
  key: (record: LogRecord) => record.partitionKey,
  initial: () => ({ count: 0 }),
  add: (state) => {
    state.count += 1
    return state
  },
  result: (state, { key, start }) => ({ key, count: state.count, start: start.getTime() - base }),
}) as unknown as WindowStep<never, unknown>

describe('foldWindow', () => {
  it('counts what a whole pass counts, however the records are cut into batches', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gap: fc.nat({ max: 900 }),
            key: fc.constantFrom('a', 'b', '__proto__', 'constructor'),
          }),
          { maxLength: 60 },
        ),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (items, sizes) => {
          let ms = 0
          const records = items.map(({ gap, key }) => {
            ms += gap
            return recordAt(ms, key)
          })
          const expected = new Map<string, number>()
          for (const record of records) {
            const at = record.arrivedAt.getTime() - base
            const id = `${Math.floor(at / 1_000) * 1_000} ${record.partitionKey}`
            expected.set(id, (expected.get(id) ?? 0) + 1)
          }
          const found = new Map<string, number>()
          let open: OpenWindow | null = null
          const take = (batch: LogRecord[], until: number) => {
            const before = JSON.stringify(open)
            const folded = foldWindow(counting, open, { values: batch, records: batch }, until)
            // What was not committed must be there unchanged.
            expect(JSON.stringify(open)).toBe(before)
            for (const value of folded.results.values as {
              key: string
              count: number
              start: number
            }[]) {
              const id = `${value.start} ${value.key}`
              expect(found.has(id)).toBe(false)
              found.set(id, value.count)
            }
            open = folded.window
          }
          for (let at = 0, turn = 0; at < records.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1
            const batch = records.slice(at, at + size)
            take(batch, batch.at(-1)?.arrivedAt.getTime() ?? 0)
            at += size
          }
          take([], Number.POSITIVE_INFINITY)
          expect(found).toEqual(expected)
          expect(open).toBeNull()
        },
      ),
    )
  })

  it('closes a window early whose state is too large, and says so', () => {
    const greedy = aggregate({
      windowMs: 1_000,
      initial: () => '',
      add: (state: string) => `${state}${'x'.repeat(300_000)}`,
      result: (state, { isEarly }) => ({ length: state.length, isEarly }),
    }) as unknown as WindowStep<never, unknown>
    const records = [1, 2, 3, 4].map((ms) => recordAt(ms, 'k'))
    const { window, results } = foldWindow(greedy, null, { values: records, records }, 0)
    expect(300_000 * 4).toBeGreaterThan(maxStateBytes)
    expect(results.values).toEqual([{ length: 1_200_000, isEarly: true }])
    expect(window).toBeNull()
  })

  it.each([
    ['a NaN', () => Number.NaN],
    ['a bigint', () => 1n],
    ['an undefined', () => ({ a: undefined })],
  ])('refuses %s in a state: a take-over could not read it', (_, initial) => {
    const odd = aggregate({
      windowMs: 1_000,
      initial,
      add: (state: unknown) => state,
      result: (state) => state,
    }) as unknown as WindowStep<never, unknown>
    const records = [recordAt(1, 'k')]
    expect(() => foldWindow(odd, null, { values: records, records }, 0)).toThrow(
      /expected its state to survive JSON/,
    )
  })
})
