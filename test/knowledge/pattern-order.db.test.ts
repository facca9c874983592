import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskBody } from '../../src/knowledge/mask.ts'
import { createPatternMatcher, type ShapeInput } from '../../src/knowledge/match-patterns.ts'
import { testDatabase } from '../support/database.ts'
import { statements } from './statement-lines.ts'

const db = await testDatabase()

/** Every line with a few that only differ in what a template generalises. */
const lines = statements.flatMap((bodies) => [
  ...bodies,
  ...bodies.map((body) => body.replaceAll(/\d+/g, '7').replaceAll('example', 'other')),
])

const inputs = (service: string): ShapeInput[] =>
  lines.map((body) => ({ service, severity: 9, shape: maskBody(body).shape, example: body }))

/** Matches in this order, `batch` at a time, with a new matcher at each place of `restarts`. */
async function run(
  service: string,
  order: readonly number[],
  options: { batch: number; restarts?: readonly number[] },
) {
  const all = inputs(service)
  const ids: number[] = Array(all.length).fill(0)
  let matcher = createPatternMatcher(db)
  for (let at = 0; at < order.length; at += options.batch) {
    if (options.restarts?.some((place) => place >= at && place < at + options.batch))
      matcher = createPatternMatcher(db)
    const places = order.slice(at, at + options.batch)
    const { patternIds } = await matcher.match(places.flatMap((place) => all[place] ?? []))
    for (const [index, place] of places.entries()) ids[place] = patternIds[index] ?? 0
  }
  return outcome(ids)
}

/** The template of each line's pattern, and as which line's its pattern came first. */
async function outcome(ids: readonly number[]) {
  const { rows } = await db.pool.query<{ id: number; template: string }>(
    'select id, template from millrace.pattern where id = any($1::int[])',
    [ids],
  )
  const templates = new Map(rows.map((row) => [row.id, row.template]))
  return ids.map((id) => ({ group: ids.indexOf(id), template: templates.get(id) }))
}

const inOrder = lines.map((_, place) => place)
const expected = await run('in order', inOrder, { batch: 50 })

test('the lines make patterns of several lines, and several patterns', () => {
  const groups = new Set(expected.map((line) => line.group))
  expect(groups.size).toBeGreaterThan(50)
  expect(groups.size).toBeLessThan(lines.length / 2)
})

test('patterns and their templates are the same in any order, batch and with any restarts', async () => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(inOrder, { minLength: inOrder.length }),
      fc.constantFrom(7, 50, 500),
      fc.subarray(inOrder, { maxLength: 4 }),
      async (order, batch, restarts) => {
        runs += 1
        expect(await run(`order ${runs}`, order, { batch, restarts })).toEqual(expected)
      },
    ),
    { numRuns: 10, endOnFailure: true },
  )
})

test('and when several matchers meet them at the same moment, each in an order of its own', async () => {
  const all = inputs('at once')
  const orders = [inOrder, [...inOrder].reverse(), inOrder.map((at) => (at * 7) % inOrder.length)]
  const matchers = orders.map(() => createPatternMatcher(db))
  const results = await Promise.all(
    orders.map(async (order, index) => {
      const ids: number[] = Array(all.length).fill(0)
      for (let at = 0; at < order.length; at += 20) {
        const places = order.slice(at, at + 20)
        const match = await matchers[index]?.match(places.flatMap((place) => all[place] ?? []))
        for (const [found, place] of places.entries()) ids[place] = match?.patternIds[found] ?? 0
      }
      return ids
    }),
  )
  expect(results[1]).toEqual(results[0])
  expect(results[2]?.filter(Boolean).every((id) => results[0]?.includes(id))).toBe(true)
  expect(await outcome(results[0] ?? [])).toEqual(expected)
})
