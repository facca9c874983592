import type { Pool } from 'pg'

export interface ShardEnd {
  /** The number of the shard's newest record; null when it holds none. */
  newest: bigint | null
  /** The database's clock, in ms since 1970. */
  nowMs: number
}

/** How far a shard goes at this moment. */
export async function readEnd(deps: { pool: Pool }, shardId: number): Promise<ShardEnd> {
  const { rows } = await deps.pool.query<{ newest: string | null; now: Date }>({
    name: 'millrace.read_end',
    text: 'select millrace.last_seq($1) as newest, clock_timestamp() as now',
    values: [shardId],
  })
  const { newest, now } = rows[0] ?? { newest: null, now: new Date() }
  return { newest: newest === null ? null : BigInt(newest), nowMs: now.getTime() }
}
