import { severityName } from '../../knowledge/severity.ts'
import type { EventCount } from '../evidence-types.ts'
import { quoteLine } from './quote-line.ts'
import { tellFilters, tellWindow } from './scope.ts'
import { counted, listed, number, type Telling, tellTimes } from './telling.ts'

/** The number that was asked for, what was counted, and its largest parts (for a trend: in the order in which they began). */
export function tellCount(telling: Telling): string {
  const { evidence, plan } = telling
  const { count } = evidence
  if (!count) return ''
  const groups =
    plan.kind === 'trend'
      ? count.groups.toSorted((a, b) => a.first.getTime() - b.first.getTime())
      : count.groups
  const rest = count.exact - groups.reduce((sum, group) => sum + group.count, 0)
  return [
    tellNumber(telling, count, rest > 0),
    ...(plan.groupBy === 'service'
      ? [`By service, the most first, each with a line of its largest pattern:`]
      : plan.kind === 'top'
        ? ['The most frequent:']
        : []),
    ...groups.map((group, index) => tellGroup(telling, group, index)),
    ...(rest > 0
      ? [`- ${number(rest)} of other ${plan.groupBy === 'service' ? 'services' : 'patterns'}`]
      : []),
  ].join('\n')
}

function tellNumber(telling: Telling, count: EventCount, isPartial: boolean): string {
  const { plan, time } = telling
  const scope = `${tellFilters(telling)} ${tellWindow(telling)}`
  const words = count.words.length > 0 ? ` with ${listed(count.words)}` : ''
  if (count.of === 'pattern')
    return `No line has all of ${listed(count.words)}; the nearest pattern occurs ${number(count.exact)} ${count.exact === 1 ? 'time' : 'times'}${scope}.`
  const events = `${counted(count.exact, 'event')}${count.of === 'all_words' ? words : ''}${scope}`
  const missing = count.missing ?? []
  const lack = missing.length > 0 ? `; not looked for: ${listed(missing)}` : ''
  const first = new Date(Math.min(...count.groups.map((group) => group.first.getTime())))
  const last = new Date(Math.max(...count.groups.map((group) => group.last.getTime())))
  if (plan.kind === 'top' || count.groups.length === 0) return `${events}${lack}.`
  const zone = time.zoneAt(last)
  const of = isPartial
    ? ` of the largest ${plan.groupBy === 'service' ? 'services' : 'patterns'}`
    : ''
  return plan.kind === 'trend'
    ? `The first${of} is at ${time.at(first)}, the last at ${time.at(last)} ${zone}: ${events}${lack}.`
    : `${events}; the first${of} at ${time.at(first)}, the last at ${time.at(last)} ${zone}${lack}.`
}

function tellGroup(telling: Telling, group: EventCount['groups'][number], index: number): string {
  const item = telling.evidence.items[group.item]
  const line = item ? `${quoteLine(item.text)} ${telling.cite(item)}` : quoteLine(group.template)
  const isService = telling.plan.groupBy === 'service'
  const head = isService
    ? [group.service || 'no service named']
    : [group.service, severityName(group.severity)].filter((part) => part)
  const bullet = telling.plan.kind === 'top' ? `${index + 1}.` : '-'
  const from = head.length > 0 ? ` × ${head.join(', ')}` : ''
  return `${bullet} ${number(group.count)}${from}: ${line}${telling.plan.kind === 'trend' ? tellTimes(telling, group) : ''}`
}
