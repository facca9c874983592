/** Shorter runs are words that any two texts share. */
const leastShared = 12

/** What an error message may be long; the rest is cut before it is looked at. */
const longestMessage = 1_000

/**
 * A message without what it quotes of these records: every run of 12 characters or more that stands in one of them is
 * replaced by `[record]`. Steps are user code, and user code likes to say what it could not digest; a message goes to
 * logs and to the status, where payloads must not be. Costs one pass over the records, in the path of a failure only.
 */
export function withoutPayload(
  message: string,
  records: readonly { partitionKey: string; data: Buffer }[],
): string {
  const text = message.slice(0, longestMessage)
  if (text.length < leastShared) return text
  const runs = new Map<string, number[]>()
  for (let at = 0; at + leastShared <= text.length; at += 1) {
    const run = text.slice(at, at + leastShared)
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
  for (const { data } of records) {
    const payload = data.toString('utf8')
    mark(payload)
    // What JSON escapes, its parser gives back; a message may quote either.
    if (payload.includes('\\')) mark(unescaped(payload))
  }
  let clean = ''
  for (let at = 0; at < text.length; at += 1) {
    if (shared[at] === 0) clean += text[at]
    else if (shared[at - 1] !== 1) clean += '[record]'
  }
  return clean
}

/** The text with JSON's escapes undone, as far as that needs no parser. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([\\"/bfnrt]))/g, (_, code?: string, char = '') =>
    code === undefined
      ? (({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' } as Record<string, string>)[char] ?? char)
      : String.fromCharCode(Number.parseInt(code, 16)),
  )
}
