import { count, placeholderOf, type RedactionCounts, type RedactionOptions } from './placeholder.ts'

const begin = '-----BEGIN '
const header = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
const footer = /-----END [A-Z0-9 ]{0,48}PRIVATE KEY(?: BLOCK)?-----/g

/**
 * Takes out PEM and PGP private keys, from the opening line to the closing one; a key that was cut
 * off goes to the end of the text. One pass: what was read is not read again.
 */
export function redactPrivateKeys(
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  let start = text.indexOf(begin)
  if (start < 0) return text
  let out = ''
  let done = 0
  while (start >= 0) {
    header.lastIndex = start
    if (!header.test(text)) {
      start = text.indexOf(begin, start + begin.length)
      continue
    }
    footer.lastIndex = start
    const end = footer.exec(text) === null ? text.length : footer.lastIndex
    count(counts, 'private_key')
    out += text.slice(done, start) + placeholderOf('private_key', text.slice(start, end), options)
    done = end
    start = text.indexOf(begin, end)
  }
  return out + text.slice(done)
}
