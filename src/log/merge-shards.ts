import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { openShardOf } from './open-shard-of.ts'
import { type ReshardResult, reshard } from './reshard.ts'
import { formatShardName } from './shard-name.ts'

export interface MergeShardsInput {
  stream: string
  /** The number of the shard whose hash keys come first. */
  shard: number
  /** The number of the shard whose hash keys begin where the first one's end. */
  adjacentShard: number
}

/**
 * Merges two open shards whose hash keys are adjacent into one, given in the order of their hash keys.
 * Fails with `invalid_argument` when they are not such a pair or one is closed, `not_found`, and as `reshard` does.
 */
export async function mergeShards(
  deps: { pool: Pool },
  input: MergeShardsInput,
): Promise<ReshardResult> {
  return reshard(deps, { stream: input.stream, origin: 'merge' }, (_open, next, all) => {
    const first = openShardOf(all, input.stream, input.shard)
    const second = openShardOf(all, input.stream, input.adjacentShard)
    if (first.hashEnd + 1n !== second.hashStart)
      throw new MillraceError(
        'invalid_argument',
        `${formatShardName(input.shard)} and ${formatShardName(input.adjacentShard)} in stream "${input.stream}" are not an adjacent pair of shards eligible for merging: the second one's hash keys have to begin where the first one's end`,
        { details: { stream: input.stream, shard: input.shard, adjacent: input.adjacentShard } },
      )
    return [
      {
        number: next,
        parents: [first.number, second.number],
        hashStart: first.hashStart,
        hashEnd: second.hashEnd,
      },
    ]
  })
}
