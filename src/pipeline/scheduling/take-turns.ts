import type { LeaseKey } from './lease.ts'

/**
 * The order in which shards that wait get their turn, given those that wait longest first: one of each pipeline, then a
 * second of each, so that a pipeline of few shards does not wait for one of hundreds. `turn` says how many of its own
 * pipeline come before it. At most `limit` are returned: more than can be taken soon are found again by the next look.
 */
export function takeTurns<K extends LeaseKey>(
  waiting: readonly K[],
  limit: number,
): (K & { turn: number })[] {
  const counts = new Map<string, number>()
  return waiting
    .map((key) => {
      const turn = counts.get(key.pipeline) ?? 0
      counts.set(key.pipeline, turn + 1)
      return { ...key, turn }
    })
    .sort((a, b) => a.turn - b.turn)
    .slice(0, limit)
}
