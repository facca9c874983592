import { MillraceError } from '../base/errors.ts'
import type { OpenShard } from './reshard.ts'
import { formatShardName } from './shard-name.ts'

/** The open shard with this number. Fails with `not_found`, or `invalid_argument` when it is closed. */
export function openShardOf(
  shards: readonly OpenShard[],
  stream: string,
  number: number,
): OpenShard {
  const found = shards.find((shard) => shard.number === number)
  const details = { stream, shard: number }
  if (!found)
    throw new MillraceError(
      'not_found',
      `${formatShardName(number)} in stream "${stream}" does not exist`,
      { details },
    )
  if (found.state !== 'open')
    throw new MillraceError(
      'invalid_argument',
      `${formatShardName(number)} in stream "${stream}" has already been merged or split, and thus is not eligible for merging or splitting`,
      { details },
    )
  return found
}
