import type { EvidenceItem } from '../../src/knowledge/evidence.ts'
import type { Evidence } from '../../src/query/evidence-types.ts'
import { type Plan, planQuestion } from '../../src/query/plan.ts'

/** The moment at which the tests ask: 15:40 in Berlin. */
export const now = new Date('2026-11-23T14:40:00Z')

/** A moment of that day, by UTC's clock. */
export const at = (time: string) => new Date(`2026-11-23T${time}Z`)

export function planOf(question: string, timeZone = 'Europe/Berlin'): Plan {
  const services = ['payments', 'checkout', 'orders-db', 'worker', 'inventory']
  return planQuestion(question, { now, timeZone, services, streams: [] })
}

let sequence = 0n

/** One event a pattern unless told otherwise; each with a citation of its own. */
export function item(values: Partial<EvidenceItem> & { text: string }): EvidenceItem {
  sequence += 1n
  const when = values.at ?? at('14:20:01.123')
  return {
    citation: { stream: 'logs', shard: 0, sequence },
    at: when,
    severity: 17,
    service: 'payments',
    host: null,
    pod: null,
    traceId: null,
    patternId: Number(sequence),
    count: 1,
    first: when,
    last: when,
    score: 0.5,
    legs: { vector: 0.5, meaning: null, lexical: 0.5, identifier: null },
    ...values,
  }
}

export function evidenceOf(values: {
  items?: readonly EvidenceItem[]
  total?: number
  searched?: Partial<Evidence['searched']>
  count?: Evidence['count']
  timeline?: readonly EvidenceItem[]
  identifiers?: Evidence['identifiers']
}): Evidence {
  const { items = [], count = null, timeline = [], identifiers = [] } = values
  return {
    items,
    shown: items.length,
    total: values.total ?? items.reduce((sum, one) => sum + one.count, 0),
    searched: {
      streams: [],
      events: 20_123,
      patterns: 81,
      oldest: at('14:05:00'),
      newest: at('14:39:58'),
      unindexed: 0,
      ...values.searched,
    },
    count,
    timeline,
    identifiers,
  }
}

/** The shop whose database runs out of space, as evidence for a question about its payments. */
export function incident() {
  const walSender = item({
    service: 'orders-db',
    severity: 21,
    text: 'terminating walsender process due to replication timeout',
    at: at('14:08:30'),
    patternId: 901,
  })
  const volume = item({
    service: 'orders-db',
    severity: 13,
    text: 'volume above 80 % of 20 GiB',
    at: at('14:12:00'),
    first: at('14:12:00'),
    last: at('14:31:00'),
    count: 3,
    patternId: 902,
  })
  const diskFull = item({
    service: 'orders-db',
    severity: 17,
    text: 'could not extend file "base/16384/2608": No space left on device',
    at: at('14:19:01'),
    first: at('14:19:01'),
    last: at('14:31:58'),
    count: 212,
    patternId: 903,
  })
  const failed = item({
    text: 'Payment failed for order ORD-489357: could not record the authorization',
    at: at('14:20:13'),
    first: at('14:20:01'),
    last: at('14:31:59'),
    count: 437,
    patternId: 904,
  })
  const retried = item({
    service: 'checkout',
    severity: 13,
    text: 'retrying payment of order ORD-489357, attempt 2',
    at: at('14:20:14'),
    first: at('14:20:02'),
    last: at('14:32:00'),
    count: 1204,
    patternId: 905,
  })
  return { walSender, volume, diskFull, failed, retried }
}
