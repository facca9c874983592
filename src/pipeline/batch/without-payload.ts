/** Shorter runs are words that any two texts share. */
const leastShared = 12

/** How much of a message and of a batch is compared word by word: it is the path of a failure, but not a free one. */
const mostTokens = 20
const mostValues = 2_000

/** What an error message may be long; the rest is cut before it is looked at. */
const longestMessage = 1_000

/**
 * A message without what it quotes of these records: every run of 12 characters or more that stands in one of them,
 * whatever its case, is replaced by `[record]`, and so is base64, hex and a URL's text that decodes to some of one. Steps
 * are user code, and user code likes to say what it could not digest; a message goes to logs and to the status, where
 * payloads must not be. Costs one pass over the records, in the path of a failure only.
 */
export function withoutPayload(
  message: string,
  records: readonly { partitionKey: string; data: Buffer }[],
  values: readonly unknown[] = [],
): string {
  const text = message.slice(0, longestMessage)
  const folded = foldCase(text)
  const runs = new Map<string, number[]>()
  for (let at = 0; at + leastShared <= folded.length; at += 1) {
    const run = folded.slice(at, at + leastShared)
    const places = runs.get(run)
    if (places) places.push(at)
    else runs.set(run, [at])
  }
  const shared = new Uint8Array(text.length)
  const mark = (payload: string) => {
    for (let at = 0; at + leastShared <= payload.length && runs.size > 0; at += 1) {
      const run = payload.slice(at, at + leastShared)
      const places = runs.get(run)
      if (!places) continue
      // Once is enough: a payload that repeats itself costs no more than another.
      runs.delete(run)
      for (const place of places) shared.fill(1, place, place + leastShared)
    }
  }
  const tokens = tokensOf(folded)
  const disguises = disguisesOf(text)
  const compare = (given: string) => {
    const payload = given.toLowerCase()
    mark(payload)
    for (const token of tokens)
      if (payload.includes(token.text)) shared.fill(1, token.at, token.at + token.text.length)
    for (const { at, length, plain } of disguises)
      if (holdsSome(payload, plain)) shared.fill(1, at, at + length)
  }
  const whole = (payload: string) => {
    compare(payload)
    // What JSON escapes, its parser gives back; a message may quote either.
    if (payload.includes('\\')) compare(unescaped(payload))
  }
  for (const { data, partitionKey } of records) {
    whole(data.toString('utf8'))
    compare(partitionKey)
  }
  // A record has been compared, and its number is no payload.
  const compared = new Set<unknown>(records)
  for (const value of values.slice(0, mostValues)) if (!compared.has(value)) whole(jsonOf(value))
  let clean = ''
  for (let at = 0; at < text.length; at += 1) {
    if (shared[at] === 0) clean += text[at]
    else if (shared[at - 1] !== 1) clean += '[record]'
  }
  return clean
}

/** Words with a digit or a sign in them name somebody or open something, however short they are. */
function tokensOf(text: string): { text: string; at: number }[] {
  return [...text.matchAll(/[^\s"'`,;:()[\]{}\\]{5,}/g)]
    .filter(([token]) => /[\d@#$%&+=/!]/.test(token))
    .slice(0, mostTokens)
    .map((match) => ({ text: match[0], at: match.index }))
}

/** In small letters, each in its old place. */
function foldCase(text: string): string {
  return text.replaceAll(/\p{Lu}/gu, (letter) => {
    const small = letter.toLowerCase()
    return small.length === letter.length ? small : letter
  })
}

const encodings: readonly { form: RegExp; decode: (text: string) => string }[] = [
  {
    form: /[A-Za-z0-9+/_-]{16,}={0,2}/g,
    decode: (text) => Buffer.from(text, 'base64').toString(),
  },
  {
    form: /(?:[0-9a-f]{2}[ :]?){8,}/gi,
    decode: (text) => Buffer.from(text.replaceAll(/[ :]/g, ''), 'hex').toString(),
  },
  {
    form: /[^\s"'<>]*%[0-9a-f]{2}[^\s"'<>]*/gi,
    decode: (text) => {
      try {
        return decodeURIComponent(text)
      } catch {
        return ''
      }
    },
  },
]

/** What of a text is another text in base64, in hex or percent-encoded. */
function disguisesOf(text: string): { at: number; length: number; plain: string }[] {
  return encodings
    .flatMap(({ form, decode }) =>
      [...text.matchAll(form)].slice(0, mostTokens).map((match) => ({
        at: match.index,
        length: match[0].length,
        plain: decode(match[0]).toLowerCase(),
      })),
    )
    .filter(({ plain }) => plain !== '' && !/[^\P{Cc}\s]|\ufffd/u.test(plain.slice(0, leastHidden)))
}

/** Of a text that was hidden; every eighth place is looked at, so 15 characters are always found. */
const leastHidden = 8

function holdsSome(payload: string, plain: string): boolean {
  for (let at = 0; at + leastHidden <= plain.length; at += leastHidden)
    if (payload.includes(plain.slice(at, at + leastHidden))) return true
  return false
}

/** What a step made of the records, as far as JSON can say it. */
function jsonOf(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) ??
      ''
    )
  } catch {
    return ''
  }
}

/** The text with JSON's escapes undone, as far as that needs no parser. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([\\"/bfnrt]))/g, (_, code?: string, char = '') =>
    code === undefined
      ? (({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' } as Record<string, string>)[char] ?? char)
      : String.fromCharCode(Number.parseInt(code, 16)),
  )
}
