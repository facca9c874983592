import { hashKeyOf } from './hash-ring.ts'

export interface EncodedKey {
  hashKey: bigint
  utf8: Buffer
}

/** Encodes and hashes partition keys, remembering the last `capacity` different ones: senders repeat theirs. */
export function createKeyEncoder(capacity = 10_000): (partitionKey: string) => EncodedKey {
  const known = new Map<string, EncodedKey>()
  return (partitionKey) => {
    const hit = known.get(partitionKey)
    if (hit) return hit
    const encoded = { hashKey: hashKeyOf(partitionKey), utf8: Buffer.from(partitionKey) }
    if (known.size >= capacity) known.clear()
    known.set(partitionKey, encoded)
    return encoded
  }
}
