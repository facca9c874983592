export interface PoisonCall {
  /** ms of performance.now. */
  at: number
  /** Numbers of the records that it was given. */
  numbers: readonly number[]
  hasPoison: boolean
}

export function createCallCount() {
  const calls: PoisonCall[] = []
  const note = (numbers: readonly number[], hasPoison: boolean) => {
    calls.push({ at: performance.now(), numbers, hasPoison })
  }
  return { calls, note }
}

/** Calls of a step, and how much of what they were given they had been given before. */
export function summarizeCalls(calls: readonly PoisonCall[]) {
  const times = new Map<number, number>()
  for (const { numbers } of calls)
    for (const number of numbers) times.set(number, (times.get(number) ?? 0) + 1)
  const again = [...times].filter(([, count]) => count > 1).map(([number]) => number)
  return {
    calls: calls.length,
    withPoison: calls.filter((call) => call.hasPoison).length,
    given: calls.reduce((sum, { numbers }) => sum + numbers.length, 0),
    /** Records that were given more than once, in their order. */
    again: again.sort((a, b) => a - b),
    /** How often the one was given that was given most. */
    most: [...times.values()].reduce((most, count) => Math.max(most, count), 0),
    /** ms between two attempts at one record that is alone. */
    gaps: calls.flatMap((call, index) => {
      const before = calls[index - 1]
      const isSame = call.numbers.length === 1 && before?.numbers.join() === call.numbers.join()
      return isSame && before ? [call.at - before.at] : []
    }),
  }
}

/** Ascending numbers as ranges: `0-4 7`. */
export function toRanges(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = []
  for (const number of numbers) {
    const open = ranges.at(-1)
    if (open && open[1] === number - 1) open[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(' ')
}
