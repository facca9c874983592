import { severityName } from '../../knowledge/severity.ts'
import { counted, number, type Telling } from './telling.ts'

/** "between 14:22:00 and 14:42:00 CET", "since 14:00:00 CET", "in all that is indexed". */
export function tellWindow({ plan, time }: Telling): string {
  const { range, now } = plan
  if (!range) return 'in all that is indexed'
  const zone = time.zoneAt(range.to)
  if (range.from === null) return `before ${time.at(range.to)} ${zone}`
  if (range.to >= now) return `since ${time.at(range.from)} ${zone}`
  return `between ${time.span(range.from, range.to).replace(' to ', ' and ')} ${zone}`
}

/** " of payments, at WARN or above, in stream audit"; nothing without filters. */
export function tellFilters({ plan }: Telling): string {
  const { services, minSeverity, maxSeverity, streams } = plan.filters
  const level = severityName(minSeverity)
  const parts = [
    services.length === 0 ? '' : ` of ${services.join(' and ')}`,
    level === null ? '' : ` at ${level}${maxSeverity === undefined ? ' or above' : ''}`,
    streams.length === 0 ? '' : ` in stream ${streams.join(', ')}`,
  ]
  return parts.join('')
}

/** The closing line: where was looked, for what, and how much of what was found is shown. */
export function tellSearched(telling: Telling): string {
  const { plan, evidence } = telling
  const { searched } = evidence
  const cited = telling.cited().length
  const label = plan.range && plan.range.label !== '' ? ` (“${plan.range.label}”)` : ''
  const parts = [
    `Searched: ${counted(searched.events, 'event')}${tellFilters(telling)} ${tellWindow(telling)}${label}`,
    evidence.total > 0 ? `shown ${number(cited)} of ${number(evidence.total)} found` : '',
  ]
  return `${parts.filter((part) => part !== '').join('; ')}.${tellUnindexed(telling)}${tellNotes(telling)}`
}

/** What in the question was not understood, each a sentence of its own. */
export function tellNotes({ plan }: Telling): string {
  return plan.notes.map((note) => ` ${note}`).join('')
}

/** A sentence of its own where records wait to be indexed. */
export function tellUnindexed({ evidence }: Telling): string {
  const { unindexed } = evidence.searched
  if (unindexed === 0) return ''
  const are = unindexed === 1 ? 'is' : 'are'
  return ` ${counted(unindexed, 'record')} ${are} in the log but not indexed yet, so not searched.`
}
