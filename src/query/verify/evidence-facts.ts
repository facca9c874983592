import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { severityName } from '../../knowledge/severity.ts'
import type { Evidence } from '../evidence-types.ts'
import type { Plan } from '../plan.ts'
import { openZone, type Zone } from '../time/zone.ts'
import { createFacts, type Facts } from './facts.ts'

/** The facts that a sentence may rest on: those of the lines it cites, or of all lines, and always the general ones. */
export function createFactSource(
  items: readonly EvidenceItem[],
  evidence: Evidence,
  plan: Plan,
): (numbers: readonly number[]) => Facts[] {
  const zones = [openZone(plan.timeZone), openZone('UTC')]
  const general = generalFacts(zones, items, evidence, plan)
  const perItem = items.map((item) => {
    let facts: Facts | undefined
    return () => {
      facts ??= itemFacts(zones, item)
      return facts
    }
  })
  return (numbers) => {
    const wanted = numbers.length > 0 ? new Set(numbers) : null
    const own = perItem.filter((_, index) => wanted === null || wanted.has(index + 1))
    return [general, ...own.map((facts) => facts()), countFact(numbers.length)]
  }
}

function itemFacts(zones: readonly Zone[], item: EvidenceItem): Facts {
  const { text, service, host, pod, traceId, count, at, first, last } = item
  const level = severityName(item.severity)
  return createFacts(zones, {
    texts: [text, service, host ?? '', pod ?? '', traceId ?? '', item.citation.stream, level ?? ''],
    numbers: [count],
    moments: [at, first, last],
  })
}

function generalFacts(
  zones: readonly Zone[],
  items: readonly EvidenceItem[],
  evidence: Evidence,
  plan: Plan,
): Facts {
  const { searched, count } = evidence
  const groups = count?.groups ?? []
  const { range, now } = plan
  const moments = [range?.from, range?.to, now, searched.oldest, searched.newest]
  return createFacts(zones, {
    texts: [
      plan.question,
      range?.label ?? '',
      plan.timeZone,
      ...plan.filters.services,
      ...searched.streams,
      ...(count?.words ?? []),
      ...groups.flatMap((group) => [group.template, group.service]),
    ],
    numbers: [
      evidence.shown,
      evidence.total,
      items.length,
      searched.events,
      searched.patterns,
      searched.unindexed,
      ...(count ? [count.exact] : []),
      ...groups.map((group) => group.count),
      ...evidence.identifiers.map((one) => one.events),
    ],
    moments: [
      ...moments.filter((moment) => moment instanceof Date),
      ...groups.flatMap((group) => [group.first, group.last]),
    ],
  })
}

/** "two pods [1][2]": how many lines a sentence cites is known. */
function countFact(count: number): Facts {
  return { wording: '', tokens: new Set(), numbers: new Set([String(count)]), times: new Set() }
}
