/** The longest beginning of a text that is at most `maxBytes` of UTF-8, never ending inside a character. */
export function truncateBytes(text: string, maxBytes: number): string {
  // A character takes at least a byte, so the rest of a very long text need not be encoded.
  const bytes = Buffer.from(text.slice(0, maxBytes + 1))
  if (bytes.length <= maxBytes) return text.toWellFormed()
  let end = maxBytes
  while (end > 0 && isContinuation(bytes[end])) end -= 1
  return bytes.toString('utf8', 0, end)
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
