import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { generateIncident, incidentFacts } from '../../examples/incident/generate.ts'
import { services } from '../../examples/incident/pods.ts'
import { timeAt, timeline } from '../../examples/incident/timeline.ts'
import { volumePercent } from '../../examples/incident/trouble.ts'

const end = new Date('2026-03-04T15:00:00.000Z')
const incident = [...generateIncident({ end })]
const logs = incident.map(({ record }) => record.log)
const facts = incidentFacts({ end })

const digest = (options: { end: Date; seed?: number }) => {
  const hash = createHash('sha256')
  for (const { record } of generateIncident(options)) hash.update(JSON.stringify(record))
  return hash.digest('hex')
}

/** The time of the first line that holds `text`. */
const firstAt = (text: string) => {
  const found = incident.find(({ record }) => record.log.includes(text))
  if (found === undefined)
    throw new Error(`expected a line with ${JSON.stringify(text)}, found none`)
  return found.record.date
}

describe('the incident', () => {
  test('the same seed and end give the same bytes, another seed other ones', () => {
    expect(digest({ end, seed: 1 })).toBe(digest({ end }))
    expect(digest({ end, seed: 2 })).not.toBe(digest({ end }))
  })

  test('has about 20,000 lines, whatever the seed', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { lines } = incidentFacts({ end, seed })
      expect(lines).toBeGreaterThan(19_000)
      expect(lines).toBeLessThan(21_000)
    }
    expect(incident).toHaveLength(facts.lines)
  })

  test('is in time order, inside the 30 minutes before the end', () => {
    const dates = incident.map(({ record }) => record.date)
    expect(dates).toEqual(dates.toSorted((a, b) => a - b))
    expect(dates[0]).toBeGreaterThanOrEqual(timeAt(end, timeline.start) / 1000)
    expect(dates.at(-1)).toBeLessThan(end.getTime() / 1000)
  })

  test('every record is a Kubernetes record whose two times agree, keyed by its pod', () => {
    for (const { partitionKey, record } of incident) {
      expect(partitionKey).toBe(record.kubernetes.pod_name)
      expect(Date.parse(record.time) / 1000).toBe(record.date)
      expect(record.log.indexOf('\n')).toBe(record.log.length - 1)
    }
  })

  test('all eight services of the shop speak', () => {
    const inShop = incident.filter(({ record }) => record.kubernetes.namespace_name === 'shop')
    const apps = new Set(inShop.map(({ record }) => record.kubernetes.labels.app))
    expect([...apps].sort()).toEqual([...services].sort())
    expect(apps.size).toBe(8)
  })

  test('has several dozen patterns', () => {
    const mask = (log: string) => log.replace(/[\w-]*\d[\w.:-]*/g, '#').replace(/#.*?#/g, '#')
    expect(new Set(logs.map(mask)).size).toBeGreaterThan(60)
  })

  test('every cause comes before its effect', () => {
    const chain = [
      'terminating walsender',
      'above 80 %',
      'above 90 %',
      'above 95 %',
      'No space left on device',
      'Payment failed',
      'payments answered 503, will retry',
      'giving up on payment',
      'checkout timed out',
      'orders.pending is growing',
      'Memory cgroup out of memory',
    ].map(firstAt)
    expect(chain).toEqual(chain.toSorted((a, b) => a - b))
  })

  test('no payment fails before the database refuses writes', () => {
    const refusal = timeAt(end, timeline.writesRefused)
    expect(facts.firstRefusedWriteAt.getTime()).toBeGreaterThanOrEqual(refusal)
    expect(facts.firstFailedPaymentAt.getTime()).toBeGreaterThanOrEqual(refusal)
  })

  test('the red herrings are there, and the DNS blip is over before the volume warns', () => {
    expect(firstAt('TLS certificate expires soon')).toBe(
      timeAt(end, timeline.certificateWarning) / 1000,
    )
    expect(firstAt('Starting shipping 1.21.0')).toBeLessThan(firstAt('No space left on device'))
    expect(firstAt('warehouse feed recovered')).toBeLessThan(firstAt('above 80 %'))
  })

  test('the volume is as full as its warnings say', () => {
    expect(volumePercent(timeline.volume80)).toBe(80)
    expect(volumePercent(timeline.volume90)).toBe(90)
    expect(volumePercent(timeline.volume95)).toBe(95)
    expect(volumePercent(timeline.writesRefused)).toBe(100)
    expect(volumePercent(timeline.end)).toBe(100)
  })
})

describe('the facts of the incident', () => {
  test('count what the lines say', () => {
    const count = (text: string) => logs.filter((log) => log.includes(text)).length
    expect(facts.failedPayments).toBe(count('Payment failed for order'))
    expect(facts.oomKills).toBe(count('Killed process'))
    expect(facts.refusedWrites).toBe(count('ERROR:  could not extend file'))
    expect(facts.firstFailedPaymentAt.getTime() / 1000).toBe(firstAt('Payment failed for order'))
    expect(facts.volumeWarningAt[80].getTime()).toBe(timeAt(end, timeline.volume80))
    expect(facts.oomKills).toBe(4)
  })

  test('name one lost order, which failed to be paid three times', () => {
    const { id, lines } = facts.lostOrder
    expect(id).toMatch(/^ORD-\d{6}$/)
    expect(lines).toEqual(logs.filter((log) => log.includes(id)).map((log) => log.trimEnd()))
    expect(lines.filter((line) => line.includes('Payment failed'))).toHaveLength(3)
  })

  test('a lost order shares its trace id across services', () => {
    const traceId =
      facts.lostOrder.lines.join('\n').match(/"traceId":"([0-9a-f]{32})"/)?.[1] ?? 'none'
    const traced = incident.filter(({ record }) => record.log.includes(traceId))
    const apps = new Set(traced.map(({ record }) => record.kubernetes.labels.app))
    expect([...apps].sort()).toEqual(['auth', 'checkout', 'frontend', 'inventory', 'payments'])
  })

  test('list every secret that was logged: cards, tokens, mail addresses, a password', () => {
    const { secrets } = facts
    for (const kind of [
      /^\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}$/,
      /^eyJ/,
      /@example\.com$/,
      /^hunter-/,
    ]) {
      expect(secrets.filter((secret) => kind.test(secret))).not.toHaveLength(0)
    }
    for (const secret of secrets) expect(logs.some((log) => log.includes(secret))).toBe(true)
    const mails = new Set(logs.flatMap((log) => log.match(/[\w.]+@example\.com/g) ?? []))
    expect([...mails].filter((mail) => !secrets.includes(mail))).toEqual([])
  })

  test('what did not happen is not in the logs', () => {
    expect(logs.filter((log) => /deadlock|failover|NodeNotReady/i.test(log))).toEqual([])
  })
})
