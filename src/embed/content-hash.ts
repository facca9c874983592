import { createHash } from 'node:crypto'

/** SHA-256 of a text's UTF-8, in hexadecimal. */
export type ContentHash = string

export function contentHash(text: string): ContentHash {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** The hash as the database has it. */
export function bytesOf(hash: ContentHash): Buffer {
  return Buffer.from(hash, 'hex')
}
