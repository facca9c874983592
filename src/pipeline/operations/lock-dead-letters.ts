import type { PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'

/** Which of a pipeline's dead letters: some by their ids, or, said explicitly, all of them. */
export interface DeadLetterChoice {
  pipeline: string
  ids?: readonly bigint[]
  all?: boolean
}

/**
 * Locks the letters that are named; returns their ids, null for all of them. Fails with `invalid_argument` unless exactly
 * one of `ids` and `all` is given, and with `not_found` when an id is not one of the pipeline's: then nothing is done.
 *
 * Locks: the letters' rows, by id, so that who redrives and who drops at the same time take turns.
 */
export async function lockDeadLetters(
  client: PoolClient,
  { pipeline, ids = [], all = false }: DeadLetterChoice,
): Promise<string[] | null> {
  if (all === ids.length > 0)
    throw new MillraceError(
      'invalid_argument',
      `expected either ids of dead letters or all of them, got ${all ? 'both' : 'neither'}: --id 17 --id 18, or --all`,
    )
  if (all) return null
  const asked = [...new Set(ids.map(String))]
  const { rows } = await client.query<{ id: string }>(
    `select id
       from millrace.dead_letter
      where pipeline = $1
        and id = any($2::numeric[])
      order by id
        for update`,
    [pipeline, asked],
  )
  const found = new Set(rows.map((row) => row.id))
  const missing = asked.filter((id) => !found.has(id))
  if (missing.length > 0)
    throw new MillraceError(
      'not_found',
      `pipeline "${pipeline}" has no dead letter ${missing.slice(0, 20).join(', ')}, so nothing was done: redriven or dropped already, or another pipeline's; millrace pipeline dead-letters list ${pipeline} shows those it has`,
      { details: { pipeline, missing: missing.length } },
    )
  return asked
}
