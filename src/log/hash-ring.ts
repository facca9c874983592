import { hash } from 'node:crypto'

/** Hash keys are 0 .. 2^128-1; the open shards of a stream tile them without gap or overlap. */
export const maxHashKey = 2n ** 128n - 1n

/** The hash key of a partition key: MD5 of its UTF-8 bytes as an unsigned 128-bit number, as Amazon Kinesis has it. */
export function hashKeyOf(partitionKey: string): bigint {
  const digest = hash('md5', partitionKey, 'buffer')
  return (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8)
}

export interface HashRange {
  hashStart: bigint
  hashEnd: bigint
}

/** Splits the hash keys among `count` shards evenly: width floor(2^128 / count), the last one to the end. */
export function evenRanges(count: number): HashRange[] {
  const width = 2n ** 128n / BigInt(count)
  return Array.from({ length: count }, (_, index) => ({
    hashStart: BigInt(index) * width,
    hashEnd: index === count - 1 ? maxHashKey : BigInt(index + 1) * width - 1n,
  }))
}

/** The one of `ranges` (ascending, tiling) that holds `hashKey`; undefined when there is a hole. */
export function findRange<T extends HashRange>(
  ranges: readonly T[],
  hashKey: bigint,
): T | undefined {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = ranges[middle]
    if (!range) return undefined
    if (hashKey < range.hashStart) high = middle - 1
    else if (hashKey > range.hashEnd) low = middle + 1
    else return range
  }
  return undefined
}
