/** Sequence numbers count from here; the same constant stands in the SQL functions of migrations/. */
const epochMs = Date.UTC(2025, 0, 1)

/** The lower 22 bits number the records of one millisecond, so 4 million of them fit before time runs ahead. */
const recordBits = 22n

/** The smallest sequence number of the moment `at`; 0 for anything before 2025. */
export function sequenceAt(at: Date): bigint {
  const ms = at.getTime() - epochMs
  return ms <= 0 ? 0n : BigInt(ms) << recordBits
}

/** The moment (to the millisecond) at which `sequence` was given out. */
export function timeOfSequence(sequence: bigint): Date {
  return new Date(Number(sequence >> recordBits) + epochMs)
}
