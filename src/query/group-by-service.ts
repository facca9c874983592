import type { PatternCount } from '../knowledge/count-events.ts'

/** Counts by pattern put together by service, the largest first; each stands for its largest pattern. */
export function groupByService(groups: readonly PatternCount[]): PatternCount[] {
  const services = Map.groupBy(groups, (group) => group.service)
  const merged = [...services.values()].flatMap((parts) => {
    const [largest] = parts.toSorted((a, b) => b.count - a.count)
    if (!largest) return []
    let count = 0
    let { first, last } = largest
    for (const part of parts) {
      count += part.count
      if (part.first < first) first = part.first
      if (part.last > last) last = part.last
    }
    return [{ ...largest, count, first, last }]
  })
  return merged.sort((a, b) => b.count - a.count || a.patternId - b.patternId)
}
