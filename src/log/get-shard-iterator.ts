import type { Pool } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { encodeIterator } from './iterator.ts'
import { sequenceAt } from './sequence.ts'
import { formatShardName } from './shard-name.ts'
import { streamNotFound } from './stream-not-found.ts'

const maxSequence = 2n ** 63n - 1n
const place = { stream: z.string(), shard: z.number().int().min(0) }
const sequence = z.bigint().min(0n).max(maxSequence)

const schema = z.discriminatedUnion('type', [
  /** At the record with this number, or the first after it: the number need not exist. */
  z.strictObject({ type: z.literal('AT_SEQUENCE_NUMBER'), ...place, sequence }),
  /** Behind it. */
  z.strictObject({ type: z.literal('AFTER_SEQUENCE_NUMBER'), ...place, sequence }),
  /** At the first record that arrived at this moment (to the millisecond) or later. */
  z.strictObject({ type: z.literal('AT_TIMESTAMP'), ...place, timestamp: z.date() }),
  /** At the oldest record that is kept. */
  z.strictObject({ type: z.literal('TRIM_HORIZON'), ...place }),
  /** Behind the newest record at the moment of this call. */
  z.strictObject({ type: z.literal('LATEST'), ...place }),
])

export type GetShardIteratorInput = z.input<typeof schema>

interface Found {
  id: number | null
  created: string
  latest: string
  now: Date
  key: string
}

/**
 * A position in a shard, open or closed, for getRecords; it lives 5 minutes.
 * Fails with `not_found`, or `invalid_argument`: a type without what it needs or with what it does not, a time to come.
 */
export async function getShardIterator(
  deps: { pool: Pool },
  input: GetShardIteratorInput,
): Promise<string> {
  const wanted = validate(schema, input, 'get shard iterator')
  const { rows } = await deps.pool
    .query<Found>(
      `select sh.id,
              sh.created_seq as created,
              coalesce(millrace.last_seq(sh.id) + 1, sh.created_seq) as latest,
              clock_timestamp() as now,
              (select value from millrace.setting where name = 'iterator_key') as key
         from millrace.stream st
         left join millrace.shard sh on sh.stream_id = st.id
                                    and sh.number = $2
                                    and (sh.state = 'open' or sh.closed_seq >= millrace.horizon(st))
        where st.name = $1`,
      [wanted.stream, wanted.shard],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, 'getting a shard iterator')
    })
  const found = rows[0]
  if (!found) throw streamNotFound(wanted.stream)
  if (found.id === null)
    throw new MillraceError(
      'not_found',
      `${formatShardName(wanted.shard)} in stream "${wanted.stream}" does not exist`,
      { details: { stream: wanted.stream, shard: wanted.shard } },
    )
  const state = {
    shardId: found.id,
    from: startOf(wanted, found),
    createdMs: found.now.getTime(),
  }
  return encodeIterator(state, found.key)
}

function startOf(wanted: GetShardIteratorInput, found: Found): bigint {
  switch (wanted.type) {
    case 'AT_SEQUENCE_NUMBER':
      return wanted.sequence
    case 'AFTER_SEQUENCE_NUMBER':
      return wanted.sequence < maxSequence ? wanted.sequence + 1n : maxSequence
    case 'AT_TIMESTAMP':
      if (wanted.timestamp > found.now)
        throw new MillraceError(
          'invalid_argument',
          `expected a timestamp that is not in the future, got ${wanted.timestamp.toISOString()} while it is ${found.now.toISOString()}`,
        )
      return sequenceAt(wanted.timestamp)
    case 'TRIM_HORIZON':
      return 0n
    case 'LATEST':
      return BigInt(found.latest)
  }
}
