import type { EvidenceItem } from '../../knowledge/evidence.ts'
import type { EventUnit } from '../../knowledge/find-unit.ts'
import type { FoundEvent } from '../../knowledge/search-events.ts'
import { severityName } from '../../knowledge/severity.ts'
import { formatCitation } from '../../log/citation.ts'
import { oneLine } from '../one-line.ts'

/** Prints hits for people: each event with its citation and score, and the unit it belongs to. */
export function printFound(
  hits: readonly { item: EvidenceItem; unit: EventUnit | null }[],
  found: {
    total: number
    identifiers: readonly { value: string; events: number }[]
    tookMs: number
  },
): void {
  for (const { value, events } of found.identifiers)
    console.log(`${value}: ${events === 0 ? 'in no event' : `in ${plural(events, 'event')}`}`)
  for (const { item, unit } of hits) {
    const times = item.count > 1 ? `  ×${item.count.toLocaleString('en')}` : ''
    console.log(`${describe(item)}  ${item.score.toFixed(2)}${times}`)
    console.log(`    ${oneLine(item.text)}`)
    if (!unit) continue
    console.log(`    ${unit.label}:`)
    for (const event of unit.events) {
      const isHit = formatCitation(event.citation) === formatCitation(item.citation)
      const who = severityName(event.severity) ?? ''
      console.log(
        `    ${isHit ? '>' : ' '} ${event.at.toISOString()} ${who.padEnd(5)} ${oneLine(event.text)}`,
      )
    }
  }
  const shown = plural(hits.length, 'event')
  console.log(
    hits.length === 0
      ? `nothing found (${found.tookMs} ms)`
      : `\n${shown} shown, of ${found.total.toLocaleString('en')} of their patterns (${found.tookMs} ms)`,
  )
}

function describe(event: FoundEvent): string {
  const who = [severityName(event.severity), event.service].filter(Boolean).join(' ')
  return `${formatCitation(event.citation)}  ${event.at.toISOString()}  ${who}`
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
