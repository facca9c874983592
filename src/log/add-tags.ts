import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { streamNotFound } from './stream-not-found.ts'
import { maxTags, tagsSchema } from './tags.ts'

/**
 * Adds tags to a stream, and gives those that it has their new values; describeStream shows them.
 * Fails with `invalid_argument`, `limit_exceeded` (more than 50 together) or `not_found`.
 */
export async function addTags(
  deps: { pool: Pool },
  input: { stream: string; tags: Record<string, string> },
): Promise<void> {
  const tags = validate(tagsSchema, input.tags, 'add tags')
  const { rows } = await deps.pool
    .query<{ updated: boolean }>(
      `with updated as (
         update millrace.stream
            set tags = tags || $2
          where name = $1
            and (select count(*) from jsonb_object_keys(tags || $2)) <= ${maxTags}
         returning id)
       select exists (select from updated) as updated
         from millrace.stream
        where name = $1`,
      [input.stream, tags],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, 'adding tags')
    })
  if (!rows[0]) throw streamNotFound(input.stream)
  if (!rows[0].updated)
    throw new MillraceError(
      'limit_exceeded',
      `expected stream "${input.stream}" to have at most ${maxTags} tags, these would make it more; remove some first`,
      { details: { stream: input.stream, limit: maxTags } },
    )
}
