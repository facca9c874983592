import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'
import { bytesOf, type ContentHash } from './content-hash.ts'

/** Who claims, and for how long without a renewal. */
export interface Claimant {
  owner: string
  claimMs: number
}

/** SQL: the claims of model $1 on texts $2 that owner $3 has, locked by hash as all statements lock them. */
export const ownClaims = `(select content_hash
               from millrace.embedding_claim
              where model_id = $1
                and content_hash = any($2::bytea[])
                and owner = $3
              order by content_hash
                for update)`

/**
 * Claims texts to be embedded by this owner alone; returns those it got. Not got is what somebody else has claimed and
 * not let expire; what this owner left behind when a release failed, it gets again.
 *
 * Writes: embedding_claim. Locks: the claims', also those it does not get, for the statement. Order: by hash, as every
 * statement here, so that two processes wait for one another in one direction only and cannot deadlock.
 */
export async function claimTexts(
  pool: Pool,
  modelId: number,
  hashes: readonly ContentHash[],
  { owner, claimMs }: Claimant,
): Promise<Set<ContentHash>> {
  return query(
    pool,
    'claiming texts to embed',
    `insert into millrace.embedding_claim as claim (model_id, content_hash, owner, expires_at)
     select $1, content_hash, $3, clock_timestamp() + $4 * interval '1 millisecond'
       from unnest($2::bytea[]) as wanted (content_hash)
      order by content_hash
         on conflict (model_id, content_hash) do update
        set owner = excluded.owner,
            expires_at = excluded.expires_at
      where claim.expires_at < clock_timestamp()
         or claim.owner = excluded.owner
     returning content_hash`,
    [modelId, hashes.map(bytesOf), owner, claimMs],
  )
}

/**
 * Puts off the end of this owner's claims; those that it has lost stay lost.
 *
 * Writes: embedding_claim. Locks: the claims'. Order: by hash.
 */
export async function renewClaims(
  pool: Pool,
  modelId: number,
  hashes: readonly ContentHash[],
  { owner, claimMs }: Claimant,
): Promise<void> {
  await query(
    pool,
    'renewing the claims of texts to embed',
    `update millrace.embedding_claim as claim
        set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
       from ${ownClaims} as own
      where claim.model_id = $1
        and claim.content_hash = own.content_hash`,
    [modelId, hashes.map(bytesOf), owner, claimMs],
  )
}

/**
 * Gives up this owner's claims of texts that it has no vector for.
 *
 * Writes: embedding_claim. Locks: the claims'. Order: by hash.
 */
export async function releaseClaims(
  pool: Pool,
  modelId: number,
  hashes: readonly ContentHash[],
  { owner }: Claimant,
): Promise<void> {
  await query(
    pool,
    'releasing the claims of texts to embed',
    `delete from millrace.embedding_claim as claim
      using ${ownClaims} as own
      where claim.model_id = $1
        and claim.content_hash = own.content_hash`,
    [modelId, hashes.map(bytesOf), owner],
  )
}

/**
 * Those of the texts that nobody has a claim on: their vectors are stored, or somebody else may embed them.
 *
 * Reads: embedding_claim.
 */
export async function unclaimedTexts(
  pool: Pool,
  modelId: number,
  hashes: readonly ContentHash[],
): Promise<Set<ContentHash>> {
  return query(
    pool,
    'reading the claims of texts to embed',
    `select content_hash
       from unnest($2::bytea[]) as wanted (content_hash)
      where not exists (select
                          from millrace.embedding_claim claim
                         where claim.model_id = $1
                           and claim.content_hash = wanted.content_hash
                           and claim.expires_at >= clock_timestamp())`,
    [modelId, hashes.map(bytesOf)],
  )
}

async function query(
  pool: Pool,
  action: string,
  statement: string,
  values: unknown[],
): Promise<Set<ContentHash>> {
  try {
    const { rows } = await pool.query<{ content_hash: Buffer }>(statement, values)
    return new Set(rows.map((row) => row.content_hash.toString('hex')))
  } catch (error) {
    throw toMillraceError(error, action)
  }
}

/** Forgets claims that ended long ago and that nobody took over. */
export async function forgetOldClaims(pool: Pool): Promise<void> {
  await pool.query(
    `delete from millrace.embedding_claim where expires_at < clock_timestamp() - interval '1 hour'`,
  )
}
