import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import type { Shard } from './describe-stream.ts'
import { openShardOf } from './open-shard-of.ts'
import { type ReshardResult, reshard } from './reshard.ts'

export interface SplitShardInput {
  stream: string
  /** The shard's number in the stream. */
  shard: number
  /** Where the second child's hash keys begin. Default: the middle of the shard's. */
  newStartingHashKey?: bigint | undefined
  /** What the children say of why they are there. Default `split`. */
  origin?: Shard['origin']
}

/**
 * Splits an open shard in two at a hash key greater than one plus its first and less than its last.
 * Fails with `invalid_argument` on any other key and on a closed shard, `not_found`, and as `reshard` does. Amazon
 * Kinesis refuses it for on-demand streams; here nothing speaks against it.
 */
export async function splitShard(
  deps: { pool: Pool },
  input: SplitShardInput,
): Promise<ReshardResult> {
  return reshard(
    deps,
    { stream: input.stream, origin: input.origin ?? 'split' },
    (_open, next, all) => {
      const shard = openShardOf(all, input.stream, input.shard)
      const { hashStart, hashEnd } = shard
      const key = input.newStartingHashKey ?? (hashStart + hashEnd + 1n) / 2n
      if (key <= hashStart + 1n || key >= hashEnd)
        throw new MillraceError(
          'invalid_argument',
          `expected a new starting hash key greater than one plus the shard's first, ${hashStart}, and less than its last, ${hashEnd}; got ${key}`,
          { details: { stream: input.stream, shard: input.shard, key: String(key) } },
        )
      const parents = [shard.number]
      return [
        { number: next, parents, hashStart, hashEnd: key - 1n },
        { number: next + 1, parents, hashStart: key, hashEnd },
      ]
    },
  )
}
