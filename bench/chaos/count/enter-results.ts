import type { Pool } from 'pg'

/** What a pipeline made of a record, read back from where it put it. */
export interface Result {
  key: string
  number: number
  /** The record that it was made of. */
  shardId: number
  sequence: string
  /** Where it stands among the pipeline's results: in one key's order when these are. */
  place: string
}

/** Enters what a pipeline's sink wrote elsewhere into the ledger, so that all are counted alike. */
export async function enterResults(
  pool: Pool,
  pipeline: string,
  results: readonly Result[],
): Promise<void> {
  if (results.length === 0) return
  await pool.query(
    `insert into chaos.ledger (pipeline, key, number, shard_id, seq, place)
     select $1, *
       from unnest($2::text[], $3::bigint[], $4::int[], $5::bigint[], $6::bigint[])`,
    [
      pipeline,
      results.map(({ key }) => key),
      results.map(({ number }) => number),
      results.map(({ shardId }) => shardId),
      results.map(({ sequence }) => sequence),
      results.map(({ place }) => place),
    ],
  )
}
