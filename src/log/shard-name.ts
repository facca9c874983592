import { MillraceError } from '../base/errors.ts'

/** A shard's name as Amazon Kinesis writes it: `shardId-000000000003` for number 3. */
export function formatShardName(number: number): string {
  return `shardId-${String(number).padStart(12, '0')}`
}

/** Reads `shardId-000000000003`, `shardId-3` or `3`. Fails with `invalid_argument`. */
export function parseShardName(text: string): number {
  const digits = /^(?:shardId-)?(\d{1,12})$/.exec(text)?.[1]
  const number = Number(digits)
  if (digits === undefined || number > 2_147_483_647)
    throw new MillraceError(
      'invalid_argument',
      `expected a shard such as 3 or shardId-000000000003, got "${text.slice(0, 80)}"`,
    )
  return number
}
