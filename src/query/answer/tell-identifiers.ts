import { counted, listed, sourceOf, type Telling, tellLine } from './telling.ts'
import { holds } from './words-in-lines.ts'

const maxPlaces = 12

/** Every place in which the identifiers occur, by time. */
export function tellIdentifiers(telling: Telling): string {
  const { plan, evidence, time } = telling
  const places = evidence.items
    .filter(
      (item) =>
        item.legs.identifier !== null || plan.identifiers.some((value) => holds(item, value)),
    )
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
  const first = places.reduce<Date | null>(
    (at, item) => (at && at < item.first ? at : item.first),
    null,
  )
  const last = places.reduce<Date | null>(
    (at, item) => (at && at > item.last ? at : item.last),
    null,
  )
  const sources = new Set(places.map(sourceOf))
  const known = evidence.identifiers.filter((one) => one.events > 0)
  const unknown = evidence.identifiers.filter(
    (one) => one.events === 0 && !places.some((item) => holds(item, one.value)),
  )
  const heads = known.map(
    ({ value, events }, index) =>
      `${value} is in ${counted(events, 'event')}${index === 0 && sources.size > 1 ? ` of ${[...sources].join(', ')}` : ''}`,
  )
  const span = first && last ? `, from ${time.span(first, last)} ${time.zoneAt(last)}` : ''
  const head = heads.length === 0 ? 'The lines that hold it' : heads.join('; ')
  return [
    `${head}${span}:`,
    ...places.slice(0, maxPlaces).map((item) => `- ${tellLine(telling, item)}`),
    ...(unknown.length > 0
      ? [
          `${listed(
            unknown.map((one) => one.value),
            'or',
          )} is in none of the events searched.`,
        ]
      : []),
  ].join('\n')
}
