import { makeNoise } from './noise.ts'
import { placeOrder } from './order-flow.ts'
import { createRandom } from './random.ts'
import { type FluentBitRecord, toRecord } from './record.ts'
import { makeRedHerrings } from './red-herrings.ts'
import { createScene, type Fact, type Line } from './scene.ts'
import { timeline } from './timeline.ts'
import { makeTrouble } from './trouble.ts'

export type { FluentBitRecord } from './record.ts'

export interface IncidentOptions {
  /** The incident covers the 30 minutes before this. */
  end: Date
  /** Default 1. The same seed and end give the same bytes. */
  seed?: number
}

/** What is true of one incident, counted on the lines themselves. */
export interface IncidentFacts {
  lines: number
  /** By `kubernetes.labels.app`. */
  linesByApp: Readonly<Record<string, number>>
  /** Lines of payments that say `Payment failed for order ...`: one per attempt. */
  failedPayments: number
  firstFailedPaymentAt: Date
  /** Lines of checkout that end an order: one per order. */
  lostOrders: number
  /** Lines of orders-db that say `could not extend file ...`. */
  refusedWrites: number
  firstRefusedWriteAt: Date
  volumeWarningAt: Readonly<Record<80 | 90 | 95, Date>>
  /** Lines of the kernel that say `Killed process ...`. */
  oomKills: number
  firstOomKillAt: Date
  /** The first order that was lost, and every line that names it, in time order. */
  lostOrder: { id: string; lines: readonly string[] }
  /** Texts that were logged and must never be shown: cards, tokens, passwords, mail addresses. */
  secrets: readonly string[]
}

/** The incident in time order: about 20,000 records, keyed by pod. */
export function* generateIncident(
  options: IncidentOptions,
): Generator<{ partitionKey: string; record: FluentBitRecord }> {
  for (const line of stage(options)) {
    yield { partitionKey: line.pod.name, record: toRecord(line.pod, line) }
  }
}

/** Counts what the same options generate: the truth that an answer can be held against. */
export function incidentFacts(options: IncidentOptions): IncidentFacts {
  const lines = stage(options)
  const of = (fact: Fact) => lines.filter((line) => line.fact === fact)
  const first = (fact: Fact) => new Date(of(fact)[0]?.at ?? Number.NaN)
  const orderId = of('order.gaveUp')[0]?.text.match(/ORD-\d+/)?.[0] ?? ''
  const linesByApp: Record<string, number> = {}
  for (const { pod } of lines) linesByApp[pod.app] = (linesByApp[pod.app] ?? 0) + 1
  return {
    lines: lines.length,
    linesByApp,
    failedPayments: of('payment.failed').length,
    firstFailedPaymentAt: first('payment.failed'),
    lostOrders: of('order.gaveUp').length,
    refusedWrites: of('write.refused').length,
    firstRefusedWriteAt: first('write.refused'),
    volumeWarningAt: {
      80: first('volume.80'),
      90: first('volume.90'),
      95: first('volume.95'),
    },
    oomKills: of('oom.kill').length,
    firstOomKillAt: first('oom.kill'),
    lostOrder: {
      id: orderId,
      lines: lines.map(({ text }) => text).filter((text) => text.includes(orderId)),
    },
    secrets: [...new Set(lines.flatMap(({ secrets }) => secrets))],
  }
}

/** The shop sells something every 3 s, give or take half. */
const orderEveryMs = 3000

function stage({ end, seed = 1 }: IncidentOptions): Line[] {
  const random = createRandom(seed)
  const scene = createScene(random, end)
  makeTrouble(scene)
  makeRedHerrings(scene)
  makeNoise(scene)
  let orderNumber = random.int(480_000, 490_000)
  let at = scene.at(timeline.start) + random.int(0, orderEveryMs)
  while (at < scene.at(timeline.end)) {
    placeOrder(scene, at, orderNumber++)
    at += Math.round(orderEveryMs * (0.5 + random.next()))
  }
  const isInside = (line: Line) =>
    line.at >= scene.at(timeline.start) && line.at < scene.at(timeline.end)
  return scene.lines.filter(isInside).sort((a, b) => a.at - b.at)
}
