import { isUtf8 } from 'node:buffer'

/**
 * A record's bytes as text. What is not UTF-8 becomes U+FFFD where it stands, so that the rest of
 * the line (a line cut inside a character, a Latin-1 name) can still be read and found.
 */
export function decode(data: Uint8Array): { text: string; utf8: boolean } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const text = bytes.toString('utf8')
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  return { text: start === 0 ? text : text.slice(start), utf8: isUtf8(bytes) }
}
