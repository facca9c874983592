import type { LogRecord } from '../../log/read-records.ts'

/** What was taken out of the records of a unit while it was prepared. */
export interface RedactionTally {
  add(sequence: bigint, counts: Readonly<Record<string, number>>): void
  /** By rule, of these records alone: what a step cut off is prepared, and counted, again. */
  sumOf(records: readonly LogRecord[]): Record<string, number>
}

/** Kept by record, since what commits may be less than what was prepared. */
export function createRedactionTally(): RedactionTally {
  const bySequence = new Map<bigint, Record<string, number>>()
  return {
    add: (sequence, counts) => {
      const sums = bySequence.get(sequence)
      if (sums) addCounts(sums, counts)
      else bySequence.set(sequence, { ...counts })
    },
    sumOf: (records) => {
      const sums: Record<string, number> = {}
      if (bySequence.size === 0) return sums
      for (const { sequence } of records) addCounts(sums, bySequence.get(sequence) ?? {})
      return sums
    },
  }
}

/** Adds counts to others, rule by rule. */
export function addCounts(
  to: Record<string, number>,
  counts: Readonly<Record<string, number>>,
): void {
  for (const [rule, found] of Object.entries(counts)) to[rule] = (to[rule] ?? 0) + found
}
