import { createRandom } from '../support/lines.ts'

const services = [
  'checkout payments inventory search gateway sessions mailer billing catalog recommender scheduler ingest',
  'postgres redis kafka nginx kubelet etcd coredns envoy vault prometheus ceph haproxy',
].flatMap((names) => names.split(' '))

const subjects = [
  'connection pool',
  'session token',
  'replica set',
  'disk volume',
  'TLS certificate',
  'message queue',
  'worker thread',
  'leader lease',
  'cache shard',
  'image pull',
  'feature flag',
  'payment intent',
  'shopping cart',
  'search index',
  'write-ahead log',
  'rate limiter',
  'health probe',
  'DNS lookup',
  'background job',
  'user profile',
  'load balancer',
  'snapshot upload',
  'schema migration',
  'heap memory',
  'configuration file',
  'webhook delivery',
]

const events = [
  'was exhausted',
  'expired before renewal',
  'fell behind its primary',
  'ran out of space',
  'was rejected by the peer',
  'timed out',
  'restarted after a crash',
  'was elected again',
  'missed its deadline',
  'could not be parsed',
  'was throttled',
  'recovered',
  'is warming up',
  'was cancelled by the caller',
  'returned an unexpected status',
  'is retrying with backoff',
  'leaked a file handle',
  'was evicted under pressure',
]

const reasons = [
  'during the nightly backup',
  'after the last deploy',
  'while draining the node',
  'because the upstream refused the connection',
  'because of a deadlock',
  'with checksum mismatch',
  'in region eu-west',
  'under peak load',
  'on startup',
  'while rotating credentials',
  'after a network partition',
  'with too many open requests',
]

export interface Statement {
  service: string
  severity: number
  parts: readonly [subject: string, event: string, reason: string]
}

export const templateOf = ({ parts }: Statement) => parts.join(' ')

/** Makes what programs say, put together of parts that differ in meaning; never the same twice. */
export function createStatements(random: () => number) {
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
  const made = new Set<string>()
  const unseen = (make: () => Statement): Statement => {
    for (;;) {
      const statement = make()
      const key = `${statement.service} ${statement.severity} ${templateOf(statement)}`
      if (made.size === made.add(key).size) continue
      return statement
    }
  }
  const fresh = () =>
    unseen(() => ({
      service: pick(services),
      severity: pick([9, 9, 13, 17]),
      parts: [pick(subjects), pick(events), pick(reasons)],
    }))
  /** Nearly the same: said by another service, or of another severity, or for another reason. */
  const variantOf = (statement: Statement) => {
    const [subject, event] = statement.parts
    let tries = 0
    return unseen(() => {
      tries += 1
      if (tries > 20)
        return {
          ...statement,
          service: pick(services),
          parts: [pick(subjects), event, pick(reasons)],
        }
      return pick<() => Statement>([
        () => ({ ...statement, service: pick(services) }),
        () => ({ ...statement, severity: pick([9, 13, 17]) }),
        () => ({ ...statement, parts: [subject, event, pick(reasons)] }),
      ])()
    })
  }
  return { fresh, variantOf }
}

/** What people ask, in words of their own about the same things. */
export function makeQuestions(count: number): string[] {
  const random = createRandom(8)
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
  const forms = [
    (subject: string, event: string) => `why was it that the ${subject} ${event}?`,
    (subject: string) => `what is wrong with the ${subject}?`,
    (subject: string, _: string, reason: string) => `problems with the ${subject} ${reason}`,
    (_: string, event: string) => `which service ${event}?`,
    (subject: string, event: string, reason: string) => `${subject} ${event} ${reason}`,
  ]
  return Array.from({ length: count }, () =>
    pick(forms)(pick(subjects), pick(events), pick(reasons)),
  )
}
