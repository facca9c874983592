import { describe, expect, it } from 'vitest'
import { createShardSignals } from '../../../src/pipeline/scheduling/shard-signals.ts'

const never = new AbortController().signal

describe('shard signals', () => {
  it('wake the one who waits for that shard', async () => {
    const signals = createShardSignals()
    const waiting = signals.wait(7, 60_000, never)
    expect(signals.notify(8)).toBe(0)
    expect(signals.notify(7)).toBe(1)
    expect(await waiting).toBe(true)
  })

  it('are not lost when they come before the wait', async () => {
    const signals = createShardSignals()
    signals.notify(7)
    expect(await signals.wait(7, 60_000, never)).toBe(true)
    expect(await signals.wait(7, 1, never)).toBe(false)
  })

  it('end the wait when it is aborted, also before it began', async () => {
    const signals = createShardSignals()
    const stopping = new AbortController()
    const waiting = signals.wait(7, 60_000, stopping.signal)
    stopping.abort()
    expect(await waiting).toBe(false)
    expect(await signals.wait(7, 60_000, stopping.signal)).toBe(false)
  })
})
