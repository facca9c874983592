import type { PatternCount } from '../knowledge/count-events.ts'
import { type EvidenceItem, noLegs, type SearchFilters } from '../knowledge/evidence.ts'
import { holdsNumbers } from '../knowledge/holds-number.ts'
import type { SearchDeps } from '../knowledge/search.ts'
import { findEventsByPattern, findEventsByTerms } from '../knowledge/search-events.ts'
import { missingWords } from './answer/words-in-lines.ts'

export interface ExampleInput {
  groups: readonly PatternCount[]
  /** What was counted: an example holds these; empty for whatever is inside the filters. */
  words: readonly string[]
  /** Numbers of one or two digits that an example holds too. */
  numbers?: readonly string[]
  /** The first of each group at or after this moment, where there is one; default: the newest. */
  near?: Date
  filters: SearchFilters
}

/**
 * Makes sure that each group has a line among the items that holds the words counted; returns the place of each, -1 where
 * there is none. Adds to `items`.
 */
export async function exampleItems(
  deps: SearchDeps,
  input: ExampleInput,
  items: EvidenceItem[],
): Promise<number[]> {
  const { groups, words, filters, numbers = [] } = input
  const patternIds = groups.map((group) => group.patternId)
  const near = input.near ? { ...filters, from: input.near } : null
  const samples = [
    ...(near
      ? await findEventsByPattern(
          deps,
          { patternIds, filters: near },
          { limit: 1, order: 'oldest' },
        )
      : []),
    ...(await findEventsByPattern(deps, { patternIds, filters }, { limit: 1 })),
  ]
  const places: number[] = []
  for (const group of groups) {
    const isOfGroup = (event: { patternId: number }) => event.patternId === group.patternId
    const known = items.findIndex(
      (item) =>
        isOfGroup(item) &&
        missingWords(words, [item]).length === 0 &&
        holdsNumbers(item.text, numbers),
    )
    if (known !== -1) {
      places.push(known)
      continue
    }
    const sample =
      (numbers.length > 0 ? await lastWithNumbers(deps, { group, numbers, filters }) : undefined) ??
      samples.find(isOfGroup)
    const missing = sample ? missingWords(words, [toItem(sample, group)]) : []
    const held =
      missing.length > 0
        ? (await eventsWithTerms(deps, { terms: missing, group, filters })).find(isOfGroup)
        : undefined
    const event = held ?? sample
    places.push(event ? items.push(toItem(event, group)) - 1 : -1)
  }
  return places
}

/** The newest of the events counted holds the numbers. */
async function lastWithNumbers(
  deps: SearchDeps,
  input: { group: PatternCount; numbers: readonly string[]; filters: SearchFilters },
) {
  const { group, numbers } = input
  const filters = {
    ...input.filters,
    from: group.last,
    to: new Date(group.last.getTime() + 1),
  }
  const patternIds = [group.patternId]
  const events = await findEventsByPattern(deps, { patternIds, filters }, { limit: 20 })
  return events.find((event) => holdsNumbers(event.text, numbers))
}

/** The words that are not the pattern's are terms of its events; the first of those counted holds them all. */
function eventsWithTerms(
  deps: SearchDeps,
  input: { terms: readonly string[]; group: PatternCount; filters: SearchFilters },
) {
  const { terms, group } = input
  const filters = {
    ...input.filters,
    services: [group.service],
    from: group.first,
    to: new Date(group.last.getTime() + 1),
  }
  return findEventsByTerms(deps, { terms, filters }, { limit: 200 })
}

function toItem(
  event: Omit<EvidenceItem, 'count' | 'first' | 'last' | 'score' | 'legs'>,
  group: PatternCount,
): EvidenceItem {
  const { count, first, last } = group
  return { ...event, count, first, last, score: 0, legs: noLegs }
}
