import type { Pool } from 'pg'
import { z } from 'zod'
import { validate } from '../base/validate.ts'
import { describeStream, type Shard, type Stream } from './describe-stream.ts'
import { sequenceAt } from './sequence.ts'

const filter = z.discriminatedUnion('type', [
  /** Those with a greater number. */
  z.strictObject({ type: z.literal('AFTER_SHARD_ID'), shard: z.number().int().min(0) }),
  /** Those that were open at the horizon: together with their descendants, everything that is kept. */
  z.strictObject({ type: z.literal('AT_TRIM_HORIZON') }),
  /** All that are kept. */
  z.strictObject({ type: z.literal('FROM_TRIM_HORIZON') }),
  /** Those that are open. */
  z.strictObject({ type: z.literal('AT_LATEST') }),
  /** Those that were open at a moment. They tile the hash keys. */
  z.strictObject({ type: z.literal('AT_TIMESTAMP'), timestamp: z.date() }),
  /** Those that were open at a moment or later. */
  z.strictObject({ type: z.literal('FROM_TIMESTAMP'), timestamp: z.date() }),
])

const schema = z.strictObject({
  stream: z.string(),
  /** Default: FROM_TRIM_HORIZON. */
  filter: filter.default({ type: 'FROM_TRIM_HORIZON' }),
  /** Only shards with a greater number: how the next page is asked for. */
  exclusiveStartShard: z.number().int().min(0).optional(),
  /** Default 1,000, at most 10,000. */
  maxResults: z.number().int().min(1).max(10_000).default(1_000),
})

export type ListShardsInput = z.input<typeof schema>
export type ShardFilter = z.output<typeof filter>

export interface ListShardsResult {
  /** By number. */
  shards: Shard[]
  hasMoreShards: boolean
}

/**
 * The shards of a stream that a filter names. A moment before the stream's first record counts as its beginning, one
 * before the horizon as the horizon. Fails with `not_found` or `invalid_argument`.
 */
export async function listShards(
  deps: { pool: Pool },
  input: ListShardsInput,
): Promise<ListShardsResult> {
  const { stream, filter, exclusiveStartShard, maxResults } = validate(schema, input, 'list shards')
  const wanted = filterShards(await describeStream(deps, stream), filter).filter(
    (shard) => exclusiveStartShard === undefined || shard.number > exclusiveStartShard,
  )
  return { shards: wanted.slice(0, maxResults), hasMoreShards: wanted.length > maxResults }
}

/** A stream's shards that a filter names: numbers tell time, and those of parents and children tile it. */
export function filterShards(stream: Stream, filter: ShardFilter): Shard[] {
  const { shards } = stream
  const first = shards.reduce<bigint | undefined>(
    (least, { createdSeq }) => (least === undefined || createdSeq < least ? createdSeq : least),
    undefined,
  )
  const clamp = (sequence: bigint) =>
    [sequence, stream.horizonSeq, first ?? 0n].reduce((a, b) => (a > b ? a : b))
  const openAt = (sequence: bigint) =>
    shards.filter(
      (shard) =>
        shard.createdSeq <= sequence && (shard.closedSeq === null || shard.closedSeq >= sequence),
    )
  const openFrom = (sequence: bigint) =>
    shards.filter((shard) => shard.closedSeq === null || shard.closedSeq >= sequence)
  switch (filter.type) {
    case 'AFTER_SHARD_ID':
      return shards.filter((shard) => shard.number > filter.shard)
    case 'AT_TRIM_HORIZON':
      return openAt(clamp(0n))
    case 'FROM_TRIM_HORIZON':
      return shards
    case 'AT_LATEST':
      return shards.filter((shard) => shard.state === 'open')
    case 'AT_TIMESTAMP':
      return openAt(clamp(sequenceAt(filter.timestamp)))
    case 'FROM_TIMESTAMP':
      return openFrom(clamp(sequenceAt(filter.timestamp)))
  }
}
