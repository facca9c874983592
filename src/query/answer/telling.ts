import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { severityName } from '../../knowledge/severity.ts'
import { formatCitation } from '../../log/citation.ts'
import { citableItems, type Evidence } from '../evidence-types.ts'
import type { Plan } from '../plan.ts'
import { quoteLine } from './quote-line.ts'
import { createTimeTeller, type TimeTeller } from './show-time.ts'

/** What the parts of an extract share: the question, the evidence, and how both are put into words. */
export interface Telling {
  plan: Plan
  evidence: Evidence
  citable: readonly EvidenceItem[]
  time: TimeTeller
  /** "[3]" for an item that can be cited, and remembers that it was. */
  cite(item: EvidenceItem): string
  /** The numbers cited so far, ascending. */
  cited(): number[]
}

export function createTelling(plan: Plan, evidence: Evidence): Telling {
  const citable = citableItems(evidence)
  const numbers = new Map(
    citable.map((item, index) => [formatCitation(item.citation), index + 1] as const),
  )
  const used = new Set<number>()
  return {
    plan,
    evidence,
    citable,
    time: createTimeTeller(plan),
    cite: (item) => {
      const number = numbers.get(formatCitation(item.citation))
      if (number === undefined) return ''
      used.add(number)
      return `[${number}]`
    },
    cited: () => [...used].sort((a, b) => a - b),
  }
}

/** `payments, 14:20:13, ERROR: “Payment failed” [1]`. */
export function tellLine({ time, cite }: Telling, item: EvidenceItem): string {
  const level = severityName(item.severity)
  const head = [sourceOf(item), time.at(item.at), level].filter((part) => part)
  return `${head.join(', ')}: ${quoteLine(item.text)} ${cite(item)}`
}

/** The same with the zone's name, for an answer's first sentence. */
export function tellHead({ time, cite }: Telling, item: EvidenceItem): string {
  const level = severityName(item.severity)
  const when = `${time.at(item.at)} ${time.zoneAt(item.at)}`
  return `${[sourceOf(item), when, level].filter((part) => part).join(', ')}: ${quoteLine(item.text)} ${cite(item)}`
}

/** `, 437 times from 14:20:01 to 14:31:59`; nothing for a single event. */
export function tellTimes(
  { time }: Telling,
  seen: { count: number; first: Date; last: Date },
): string {
  if (seen.count < 2) return ''
  const isMoment = time.at(seen.first) === time.at(seen.last)
  return `, ${number(seen.count)} times ${isMoment ? 'at' : 'from'} ${time.span(seen.first, seen.last)}`
}

/** Where an event comes from, in one word. */
export function sourceOf(item: EvidenceItem): string {
  return item.service || item.pod || item.host || item.citation.stream
}

/** One item of each pattern, the first of them. */
export function onePerPattern(items: readonly EvidenceItem[]): EvidenceItem[] {
  const seen = new Set<number>()
  return items.filter((item) => !seen.has(item.patternId) && seen.add(item.patternId))
}

/** "1,204". */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** "1 event", "1,204 events". */
export function counted(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** “a”, “b” and “c”. */
export function listed(values: readonly string[], link: 'and' | 'or' = 'and'): string {
  const quotes = values.map((value) => `“${value}”`)
  const last = quotes.pop() ?? ''
  return quotes.length === 0 ? last : `${quotes.join(', ')} ${link} ${last}`
}
