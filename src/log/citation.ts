import { MillraceError } from '../base/errors.ts'

/** A pointer to one record: the stream's name, the shard's number in it, the sequence number. */
export interface Citation {
  stream: string
  shard: number
  sequence: bigint
}

/** `stream/shard/sequence`, for example `logs/0/250745796541022208`. */
export function formatCitation(citation: Citation): string {
  return `${citation.stream}/${citation.shard}/${citation.sequence}`
}

/** Reads `stream/shard/sequence`. Fails with `invalid_argument` on anything else. */
export function parseCitation(text: string): Citation {
  const match = /^([a-zA-Z0-9_.-]{1,128})\/(\d{1,9})\/(\d{1,19})$/.exec(text.trim())
  const [, stream, shard, sequence] = match ?? []
  if (stream === undefined || shard === undefined || sequence === undefined)
    throw new MillraceError(
      'invalid_argument',
      `expected a citation such as logs/0/250745796541022208, got "${text.slice(0, 80)}"`,
    )
  return { stream, shard: Number(shard), sequence: BigInt(sequence) }
}
