import { count, placeholderOf, type RedactionCounts, type RedactionOptions } from './placeholder.ts'

const header =
  /-{4,5}(?: |%20|\+)?BEGIN(?: |%20|\+)(?:[A-Z0-9]{1,16}(?: |%20|\+)){0,3}PRIVATE(?: |%20|\+)KEY(?:(?: |%20|\+)BLOCK)?(?: |%20|\+)?-{4,5}/g
const footer =
  /-{4,5}(?: |%20|\+)?END(?: |%20|\+)(?:[A-Z0-9]{1,16}(?: |%20|\+)){0,3}PRIVATE(?: |%20|\+)KEY(?:(?: |%20|\+)BLOCK)?(?: |%20|\+)?-{4,5}/g

/** What a key that was cut off goes to: the end of what it is quoted in, or of the text. */
const quoteOrEnd = /["'`<>{}]|$/g

/** The base64 of `-----BEGIN`, as Kubernetes keeps keys: what follows says whether it is one. */
const encoded = /(?<![A-Za-z0-9+/])LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,16384}={0,2}/g

/** The lines of a key whose beginning is in another record. */
const tail =
  /(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{40,128}(?:\\r|\\n|\s){1,4}){0,200}[A-Za-z0-9+/=]{4,128}(?:\\r|\\n|\s){1,4}(?=-{5}END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY)/

const putty =
  /(Private-Lines: \d{1,4}(?:\\r|\\n|\s){1,4})((?:[A-Za-z0-9+/=]{20,64}(?:\\r|\\n|\s|$){0,4}){1,100})/g

/**
 * Takes out PEM and PGP private keys, from the opening line to the closing one; a key that was cut
 * off goes to the end of the quotes or of the text. One pass: what was read is not read again.
 */
export function redactPrivateKeys(
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  const take = (secret: string) => {
    count(counts, 'private_key')
    return placeholderOf('private_key', secret, options)
  }
  let safe = text.includes('PRIVATE') ? redactBlocks(text, take) : text
  if (safe.includes('LS0tLS1CRUdJTi'))
    safe = safe.replace(encoded, (key) =>
      Buffer.from(key.slice(0, 64), 'base64').includes('PRIVATE KEY') ? take(key) : key,
    )
  if (safe.includes('Private-Lines:'))
    safe = safe.replace(putty, (_, kept: string, key: string) => kept + take(key))
  return safe
}

function redactBlocks(text: string, take: (secret: string) => string): string {
  let out = ''
  let done = 0
  let hasEnd = true
  header.lastIndex = 0
  for (let match = header.exec(text); match !== null; match = header.exec(text)) {
    const start = match.index
    let end = 0
    if (hasEnd) {
      footer.lastIndex = start
      hasEnd = footer.exec(text) !== null
      end = footer.lastIndex
    }
    if (!hasEnd) {
      quoteOrEnd.lastIndex = header.lastIndex
      end = quoteOrEnd.exec(text)?.index ?? text.length
    }
    out += text.slice(done, start) + take(text.slice(start, end))
    done = end
    header.lastIndex = end
  }
  const rest = text.slice(done)
  const beheaded = rest.includes('END') ? rest.replace(tail, take) : rest
  return done === 0 ? beheaded : out + beheaded
}
