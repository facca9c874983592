/** Remembers when, in meetings of this process, a pattern was met last. */
export interface Meetings {
  add(patternIds: ReadonlySet<number>): void
  lastOf(patternId: number): number
}

/**
 * The matcher tells once that it met a pattern, and the batch that it told may fail before the pattern has its vector.
 * So the news is kept here, and goes with every event of the pattern: whoever gives vectors compares numbers, and can
 * be told twice, but never missed. What is forgotten at `capacity` counts as met at that moment.
 */
export function createMeetings(options: { capacity?: number } = {}): Meetings {
  const { capacity = 100_000 } = options
  const last = new Map<number, number>()
  let now = 0
  let forgottenAt = 0
  return {
    add: (patternIds) => {
      if (patternIds.size === 0) return
      now += 1
      if (last.size + patternIds.size > capacity) {
        last.clear()
        forgottenAt = now
      }
      for (const id of patternIds) last.set(id, now)
    },
    lastOf: (patternId) => last.get(patternId) ?? forgottenAt,
  }
}
