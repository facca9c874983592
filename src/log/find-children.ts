import type { Pool } from 'pg'

/** A shard that continues a closed one. */
export interface ChildShard {
  id: number
  number: number
  parents: number[]
  hashStart: bigint
  hashEnd: bigint
}

/** The shards that name this one as a parent, by number. A closed shard has them from the moment it is seen closed. */
export async function findChildren(deps: { pool: Pool }, shardId: number): Promise<ChildShard[]> {
  const { rows } = await deps.pool.query<
    Pick<ChildShard, 'id' | 'number' | 'parents'> & Record<'hashStart' | 'hashEnd', string>
  >(
    `select child.id, child.number, child.parents, child.hash_start as "hashStart", child.hash_end as "hashEnd"
       from millrace.shard parent
       join millrace.shard child on child.stream_id = parent.stream_id
                                and parent.number = any(child.parents)
      where parent.id = $1
      order by child.number`,
    [shardId],
  )
  return rows.map((row) => ({
    ...row,
    hashStart: BigInt(row.hashStart),
    hashEnd: BigInt(row.hashEnd),
  }))
}
