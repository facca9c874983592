import type { Pool } from 'pg'
import { z } from 'zod'
import { validate } from '../base/validate.ts'
import { planScaling } from './plan-scaling.ts'
import { type ReshardResult, reshard } from './reshard.ts'
import { maxShards } from './stream-settings.ts'

const schema = z.strictObject({
  stream: z.string(),
  /** Open shards wanted, each with the same share of the hash keys. */
  targetShardCount: z.number().int().min(1).max(maxShards),
})

export type UpdateShardCountInput = z.input<typeof schema>

/**
 * Scales a stream to a count of even shards, by splits and merges in one transaction: it is scaled or it is not.
 * Fails with `invalid_argument`, and as `reshard` does. Amazon Kinesis' limits (twice or half the count, ten times a day)
 * do not apply.
 */
export async function updateShardCount(
  deps: { pool: Pool },
  input: UpdateShardCountInput,
): Promise<ReshardResult> {
  const { stream, targetShardCount } = validate(schema, input, 'update shard count')
  return reshard(deps, { stream, origin: 'scale' }, (open, next) =>
    planScaling(open, targetShardCount, next),
  )
}
