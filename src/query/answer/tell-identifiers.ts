import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { counted, listed, number, sourceOf, type Telling, tellLine } from './telling.ts'
import { holds } from './words-in-lines.ts'

const maxPlaces = 12

/** The places in which the identifiers occur, by time: all of them, or how many of them are shown. */
export function tellIdentifiers(telling: Telling): string {
  const { plan, evidence } = telling
  const places = evidence.items
    .filter(
      (item) =>
        item.legs.identifier !== null || plan.identifiers.some((value) => holds(item, value)),
    )
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, maxPlaces)
  const unknown = evidence.identifiers
    .filter((one) => one.events === 0 && !places.some((item) => holds(item, one.value)))
    .map((one) => one.value)
  return [
    tellHeads(telling, places),
    ...places.map((item) => `- ${tellLine(telling, item)}`),
    ...(unknown.length > 0 ? [`${listed(unknown, 'or')} is in none of the events searched.`] : []),
  ].join('\n')
}

function tellHeads({ evidence, time }: Telling, places: readonly EvidenceItem[]): string {
  const known = evidence.identifiers.filter((one) => one.events > 0)
  const heads = known.map(({ value, events }) => `${value} is in ${counted(events, 'event')}`)
  const [first, last] = [places.at(0), places.at(-1)]
  if (!first || !last) return `${heads.join('; ')}.`
  const sources = [...new Set(places.map(sourceOf))]
  const of = sources.length > 1 ? ` of ${sources.join(', ')}` : ''
  const span = `, ${time.span(first.at, last.at)} ${time.zoneAt(last.at)}:`
  const events = Math.max(0, ...known.map((one) => one.events))
  if (heads.length === 0) return `The lines that hold it${of}${span}`
  if (events <= places.length && heads.length === 1) return `${heads[0]}${of}${span}`
  return `${heads.join('; ')}. Here are ${number(places.length)} of them${of}${span}`
}
