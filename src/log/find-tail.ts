import type { Pool } from 'pg'

export interface FindTailInput {
  shardId: number
  count: number
  /** Records after this number do not count. Default: all do. */
  upTo?: bigint
}

/**
 * The sequence number from which a shard holds its newest `count` records (fewer if it has fewer); null when it is empty.
 * Reads: segment, then the newest frames' bounds by leaf, without their data.
 */
export async function findTail(deps: { pool: Pool }, input: FindTailInput): Promise<bigint | null> {
  const upTo = input.upTo ?? 2n ** 63n - 1n
  const { rows: leaves } = await deps.pool.query<{ table_name: string }>(
    `select table_name
       from millrace.segment
      where shard_id = $1
        and used
        and start_seq <= $2
      order by start_seq desc`,
    [input.shardId, String(upTo)],
  )
  let wanted = input.count
  let oldest: bigint | null = null
  for (const { table_name } of leaves) {
    const { rows } = await deps.pool.query<{ first_seq: string; last_seq: string }>(
      `select first_seq, least(last_seq, $2) as last_seq
         from millrace."${table_name}"
        where shard_id = $1
          and first_seq <= $2
        order by millrace."${table_name}".last_seq desc
        limit $3`,
      [input.shardId, String(upTo), wanted],
    )
    for (const row of rows) {
      const [first, last] = [BigInt(row.first_seq), BigInt(row.last_seq)]
      const held = Number(last - first) + 1
      oldest = held >= wanted ? last - BigInt(wanted) + 1n : first
      wanted -= held
      if (wanted <= 0) return oldest
    }
  }
  return oldest
}
