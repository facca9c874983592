import { wait } from '../../src/base/backoff.ts'
import type { Producer } from '../../src/log/producer.ts'
import { lineOf, stream } from './outage-pipeline.ts'

const tickMs = 100

/** Appends `perSecond` new lines a second, numbered from 0, until stopped; `stop` returns how many are acknowledged. */
export function appendSteadily(producer: Producer, perSecond: number) {
  const stopping = new AbortController()
  const appending = (async () => {
    const began = performance.now()
    let n = 0
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - began) / 1_000) * perSecond)
      const batch = Array.from({ length: Math.max(0, due - n) }, (_, index) => lineOf(n + index))
      if (batch.length > 0)
        for (const result of await producer.put(stream, batch)) if (!result.ok) throw result.error
      n += batch.length
      await wait(tickMs, stopping.signal)
    }
    return n
  })()
  appending.catch(() => undefined)
  return {
    stop: () => {
      stopping.abort()
      return appending
    },
  }
}
