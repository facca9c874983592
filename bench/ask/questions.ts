import type { Pool } from 'pg'

export interface BenchQuestion {
  kind: string
  text: string
}

/** Questions of every kind about the made-up lines; what names ids names ones that the events hold. */
export async function makeQuestions(pool: Pool): Promise<BenchQuestion[]> {
  const { rows } = await pool.query<{ body: string }>(
    `select body
       from millrace.event
      where body ~ '[0-9a-f]{12} failed|order [0-9]+ placed|Failed password|sku=SKU'
      order by seq desc
      limit 400`,
  )
  const find = (pattern: RegExp, fallback: string) => {
    for (const { body } of rows) {
      const found = pattern.exec(body)?.[1]
      if (found !== undefined) return found
    }
    return fallback
  }
  const payment = find(/payment ([0-9a-f]{12}) failed/, 'a1b2c3d4e5f6')
  const order = find(/order (\d+) placed/, '123456')
  const address = find(/from (\d+\.\d+\.\d+\.\d+) port/, '10.0.1.2')
  const sku = find(/sku=(SKU-\d+)/, 'SKU-1234')
  const of = (kind: string, ...texts: string[]) => texts.map((text) => ({ kind, text }))
  return [
    ...of(
      'find',
      'show me failed payments',
      'deadlocks in postgres',
      'oom-kill of java',
      'upstream connect errors in checkout',
      'failed password for invalid user',
      'garbage collection overhead',
    ),
    ...of(
      'count',
      'how many payments failed?',
      'how many deadlocks were detected in postgres?',
      'how many requests completed in gateway?',
      'how many errors in checkout?',
      'how many failed passwords for user oracle?',
    ),
    ...of('top', 'most frequent errors', 'which service logs the most errors?'),
    ...of(
      'trend',
      'when did payments first fail?',
      'checkpoints over time',
      'is the error rate in checkout increasing?',
    ),
    ...of(
      'compare',
      'why did payments fail after 15:00 but not before?',
      'which service has more warnings, checkout or search?',
    ),
    ...of(
      'around',
      'what happened around 14:30?',
      'which errors began around 15:00?',
      'what went on between 12:00 and 12:10?',
    ),
    ...of('explain', 'why do payments fail?', 'what caused the deadlocks in postgres?'),
    ...of(
      'identifiers',
      `what happened to payment ${payment}?`,
      `show order ${order}`,
      `who logged in from ${address}?`,
      `retries of ${sku}`,
    ),
    ...of(
      'absent',
      'did the volcano erupt?',
      'what happened to payment ffffeeee00112233?',
      'is there a certificate that expired?',
    ),
    ...of(
      'symptom',
      'customers cannot pay',
      'the machine runs out of memory',
      'somebody tries to break in',
      'the database is slow',
    ),
    ...of(
      'window',
      'errors between 13:00 and 13:30',
      'failed payments in the last hour',
      'warnings in search in the last 10 minutes',
      'how many requests between 14:00 and 15:00?',
    ),
  ]
}
