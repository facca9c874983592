/** A record that a pipeline gave up on, without its payload. */
export interface DeadLetter {
  id: bigint
  pipeline: string
  stream: string
  shard: number
  sequence: bigint
  /** When it was given up. */
  createdAt: Date
  /** When the record came in; null for letters of older versions. */
  arrivedAt: Date | null
  /** `retries_exhausted` or `too_old`. */
  condition: string
  /** The step that failed; null when none did. */
  step: string | null
  attempts: number
  error: string
  /** Not null: it is to be tried again, from that moment on. */
  redriveAt: Date | null
}

export interface DeadLetterRow extends Omit<DeadLetter, 'id' | 'sequence'> {
  id: string
  seq: string
}

/** What is selected of letter `l` in shard `sh` of stream `st`. */
export const letterColumns = `l.id, l.pipeline, st.name as stream, sh.number as shard, l.seq, l.condition, l.step,
              l.attempts, l.error,
              l.created_at as "createdAt",
              l.arrived_at as "arrivedAt",
              l.redrive_at as "redriveAt"`

export function toDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    id: BigInt(row.id),
    pipeline: row.pipeline,
    stream: row.stream,
    shard: row.shard,
    sequence: BigInt(row.seq),
    createdAt: row.createdAt,
    arrivedAt: row.arrivedAt,
    condition: row.condition,
    step: row.step,
    attempts: row.attempts,
    error: row.error,
    redriveAt: row.redriveAt,
  }
}
