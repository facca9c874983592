import { expect, test, vi } from 'vitest'
import { remember } from '../../src/base/remember.ts'

function counted(outcome: (call: number) => Promise<number> = async (call) => call) {
  let calls = 0
  return () => {
    calls += 1
    return outcome(calls)
  }
}

test('loads once, also for those who ask meanwhile', async () => {
  const read = remember(counted())
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1])
  expect(await read()).toBe(1)
})

test('does not keep a failure', async () => {
  const read = remember(
    counted(async (call) => {
      if (call === 1) throw new Error('away')
      return call
    }),
  )
  const both = await Promise.allSettled([read(), read()])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await read()).toBe(2)
  expect(await read()).toBe(2)
})

test('loads again when it has become old', async () => {
  vi.useFakeTimers()
  try {
    const read = remember(counted(), { maxAgeMs: 1_000 })
    expect(await read()).toBe(1)
    vi.advanceTimersByTime(1_000)
    expect(await read()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await read()).toBe(2)
  } finally {
    vi.useRealTimers()
  }
})
