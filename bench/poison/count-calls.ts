import type { LogRecord } from '../../src/log/read-records.ts'

export interface PoisonCall {
  /** ms of performance.now. */
  at: number
  sequences: readonly bigint[]
  hasPoison: boolean
}

export function createCallCount() {
  const calls: PoisonCall[] = []
  const note = (records: readonly LogRecord[], hasPoison: boolean) => {
    calls.push({
      at: performance.now(),
      sequences: records.map((record) => record.sequence),
      hasPoison,
    })
  }
  return { calls, note }
}

/** Calls of a step, and how much of what they were given they had been given before. */
export function summarizeCalls(calls: readonly PoisonCall[]) {
  const times = new Map<bigint, number>()
  for (const { sequences } of calls)
    for (const sequence of sequences) times.set(sequence, (times.get(sequence) ?? 0) + 1)
  const again = [...times].filter(([, count]) => count > 1).map(([sequence]) => sequence)
  return {
    calls: calls.length,
    withPoison: calls.filter((call) => call.hasPoison).length,
    given: calls.reduce((sum, { sequences }) => sum + sequences.length, 0),
    /** Records that were given more than once, in their order. */
    again: again.sort((a, b) => (a < b ? -1 : 1)),
    /** How often the one was given that was given most. */
    most: [...times.values()].reduce((most, count) => Math.max(most, count), 0),
  }
}
