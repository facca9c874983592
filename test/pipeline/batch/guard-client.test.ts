import type { PoolClient } from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { guardClient } from '../../../src/pipeline/batch/guard-client.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A connection whose queries end when they are told to. */
function connection() {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  return { client: { query: () => promise } as unknown as PoolClient, answer: resolve }
}

const tooLong = {
  code: 'conflict',
  retryable: true,
  message: expect.stringMatching(/at most 10 s between two statements of its write, got 11/),
}

test('a write that leaves its transaction alone for longer than the server lets it is told so', async () => {
  const { client, answer } = connection()
  const guarded = guardClient(client)
  answer({ rows: [] })
  await guarded.client.query('select 1')
  vi.advanceTimersByTime(11_000)
  await expect(guarded.client.query('select 2')).rejects.toMatchObject(tooLong)
  expect(() => guarded.checkPause()).toThrow(expect.objectContaining(tooLong))
})

test('a statement may take longer than that', async () => {
  const { client, answer } = connection()
  const guarded = guardClient(client)
  const running = guarded.client.query('select pg_sleep(60)')
  vi.advanceTimersByTime(60_000)
  answer({ rows: [] })
  await running
  guarded.checkPause()
  await guarded.client.query('select 1')
})
