import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { maskBody } from '../../src/knowledge/mask.ts'
import type { ShapeInput } from '../../src/knowledge/match-patterns.ts'
import { patternKey } from '../../src/knowledge/pattern-key.ts'
import { testDatabase } from '../support/database.ts'
import { statements } from './statement-lines.ts'

const db = await testDatabase()
const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = once(child, 'exit')
    if (child.connected) child.disconnect()
    await gone
  }
})

async function startWorker() {
  const child = fork(new URL('./match-process.ts', import.meta.url), [db.url])
  children.push(child)
  await once(child, 'message')
  return async (inputs: ShapeInput[]): Promise<number[]> => {
    const answered = once(child, 'message')
    child.send(inputs)
    const [ids] = await answered
    return ids
  }
}

const bodies = statements.flatMap((lines) =>
  [...lines, ...lines].map((line, index) => line.replaceAll(/\d/g, `${index % 10}`)),
)

test.each([1, 2, 4])('%d processes make the same patterns of the same lines', async (count) => {
  const service = `${count} processes`
  const inputs = bodies.map((body) => ({
    service,
    severity: 9,
    shape: maskBody(body).shape,
    example: body,
  }))
  const workers = await Promise.all(Array.from({ length: count }, startWorker))
  const ids: number[] = []
  await Promise.all(
    workers.map(async (match, worker) => {
      const mine = inputs.map((_, at) => at).filter((at) => at % count === worker)
      const order = worker % 2 === 0 ? mine : mine.reverse()
      for (let at = 0; at < order.length; at += 10) {
        const places = order.slice(at, at + 10)
        const found = await match(places.flatMap((place) => inputs[place] ?? []))
        for (const [index, place] of places.entries()) ids[place] = found[index] ?? 0
      }
    }),
  )
  const groupOf = (values: readonly unknown[]) => values.map((value) => values.indexOf(value))
  expect(groupOf(ids)).toEqual(groupOf(inputs.map((input) => patternKey(input.shape))))
  const { rows } = await db.pool.query(
    'select count(*)::int as count from millrace.pattern where service = $1',
    [service],
  )
  expect(rows[0].count).toBe(new Set(ids).size)
})
