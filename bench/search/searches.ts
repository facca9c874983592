import type { Pool } from 'pg'
import type { SearchFilters } from '../../src/knowledge/evidence.ts'

export interface BenchSearch {
  kind: string
  text: string
  filters: SearchFilters
}

const everything: SearchFilters = {
  from: null,
  to: null,
  services: [],
  minSeverity: 0,
  streams: [],
}
const error = 17

const words = [
  'upstream connect error',
  'deadlock detected',
  'checkpoint complete',
  'request completed',
  'payment authorised',
  'update mapping',
  'session succeeded',
  'failed password for invalid user',
  'retrying inventory call',
  'overhead spent collecting in the last',
]

const symptoms = [
  'customers cannot pay',
  'the machine runs out of memory',
  'somebody tries to break in',
  'the database is slow',
  'the disk is nearly full',
  'the network drops connections',
  'garbage collection stops the program',
  'a certificate has expired',
]

/** Words, symptoms and names with every filter; ids, hosts, pods and traces are ones that the events hold. */
export async function makeSearches(pool: Pool, now: Date): Promise<BenchSearch[]> {
  const find = async (column: 'host' | 'pod' | 'trace_id' | 'body', where: string) => {
    const { rows } = await pool.query<{ found: string }>(
      `select found
         from (select ${column} as found, seq
                 from millrace.event
                where ${column} is not null
                  and ${where}
                order by seq desc
                limit 2000) as newest
        group by found
        order by max(seq) desc
        limit 4`,
    )
    return rows.map((row) => row.found)
  }
  const pick = async (pattern: string) =>
    (await find('body', `body ~ '${pattern}'`)).flatMap(
      (body) => new RegExp(pattern).exec(body)?.[1] ?? [],
    )
  const named = [
    ...(await pick('payment ([0-9a-f]{12})')),
    ...(await pick('order (\\d{5,}) placed')),
    ...(await pick('from (\\d+\\.\\d+\\.\\d+\\.\\d+) port')),
    ...(await pick('sku=(SKU-\\d+)')),
  ]
  const since = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
  const of = (kind: string, texts: readonly string[], filters: Partial<SearchFilters> = {}) =>
    texts.map((text) => ({ kind, text, filters: { ...everything, ...filters } }))
  const each = (
    kind: string,
    values: readonly string[],
    filter: (value: string) => Partial<SearchFilters>,
  ) =>
    values.flatMap((value, index) =>
      of(kind, [words[index] ?? '', symptoms[index] ?? ''], filter(value)),
    )
  return [
    ...of('words', words),
    ...of('symptom', symptoms),
    ...of('identifier', named),
    ...of('identifier, absent', ['payment ffffeeee00112233', 'order 999999999']),
    ...of('name', ['failed password for oracle', 'stripe payment', 'klarna']),
    ...each('service', ['checkout', 'postgres', 'kernel'], (service) => ({ services: [service] })),
    ...of('severity', [...words.slice(0, 3), ...symptoms.slice(0, 3)], { minSeverity: error }),
    ...of('last 10 minutes', [...words.slice(0, 3), ...symptoms.slice(0, 3)], {
      from: since(10.5),
      to: now,
    }),
    ...of('an hour, a service, errors', [...words.slice(0, 3), ...symptoms.slice(0, 3)], {
      from: since(90.5),
      to: since(30.5),
      services: ['checkout'],
      minSeverity: error,
    }),
    ...of('stream', [...words.slice(0, 2), ...symptoms.slice(0, 2)], { streams: ['logs'] }),
    ...each('host, of five', (await find('host', 'true')).slice(0, 3), (host) => ({ host })),
    ...each('pod, of six', (await find('pod', 'true')).slice(0, 3), (pod) => ({ pod })),
    ...each('trace', await find('trace_id', 'true'), (traceId) => ({ traceId })),
  ]
}
