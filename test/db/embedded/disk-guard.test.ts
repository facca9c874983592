import { afterEach, expect, test, vi } from 'vitest'
import { startDiskGuard } from '../../../src/db/embedded/disk-guard.ts'
import type { Multiplexer } from '../../../src/db/embedded/multiplexer.ts'
import { testClient, testEngine } from './embedded-database.ts'

afterEach(() => void vi.useRealTimers())

test('with less free than the reserve every write is refused with 53100, and reading goes on', async () => {
  // More than any disk has.
  const engine = await testEngine({ limits: { reserveBytes: 2 ** 52 } })
  const client = await testClient(engine)
  for (const sql of [
    'create table t (id int)',
    'drop schema public cascade',
    'begin; drop schema public',
  ])
    await expect(client.query(sql)).rejects.toMatchObject({
      code: '53100',
      message: expect.stringContaining('nearly full'),
    })
  await client.query('rollback')
  expect((await client.query('select 1 as x')).rows).toEqual([{ x: 1 }])
  // How retention may still give space back.
  await client.query('begin read write; create table t (id int); drop table t; commit')
})

test('writes go on once there is clearly more than the reserve, and an unused engine is left alone', async () => {
  vi.useFakeTimers()
  let free = 2_000 * 2 ** 20
  let looks = 0
  const refusals: (string | undefined)[] = []
  const state = { unitsRun: 0 }
  const refuseWrites = async (reason: string | undefined) => void refusals.push(reason)
  const multiplexer = Object.assign(state, { refuseWrites }) as unknown as Multiplexer
  const freeBytes = async () => {
    looks += 1
    return free
  }
  const guard = await startDiskGuard(
    { multiplexer, freeBytes, report: () => undefined },
    { reserveBytes: 1_000 * 2 ** 20 },
  )
  const use = async (nowFree: number) => {
    free = nowFree * 2 ** 20
    state.unitsRun += 1
    await vi.advanceTimersByTimeAsync(1_000)
    return refusals.length
  }
  expect(await use(1_000)).toBe(0)
  const looksWhenUsed = looks
  await vi.advanceTimersByTimeAsync(10_000)
  expect(looks).toBe(looksWhenUsed)
  expect(await use(999)).toBe(1)
  expect(await use(1_100)).toBe(1)
  expect(await use(1_300)).toBe(2)
  expect(refusals).toEqual([expect.stringContaining('1250 MiB free, there are 999 MiB'), undefined])
  guard.stop()
})
