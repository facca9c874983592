import { tellFilters, tellNotes, tellUnindexed, tellWindow } from './scope.ts'
import { counted, listed, onePerPattern, type Telling, tellLine, tellTimes } from './telling.ts'

/**
 * What is said when nothing answers the question: that nothing was ingested there, that an identifier is unknown, or that
 * events are there and none of them is such. Always with what was searched.
 */
export function tellNothing(telling: Telling): string {
  const { plan, evidence, time } = telling
  const { events, oldest, newest } = evidence.searched
  if (events === 0) return tellEmptyScope(telling)
  const where = `${counted(events, 'event')}${tellFilters(telling)} ${tellWindow(telling)}`
  const span =
    oldest && newest ? ` They run from ${time.span(oldest, newest)} ${time.zoneAt(newest)}.` : ''
  const unknown = plan.identifiers.length > 0
  if (unknown)
    return `${listed(plan.identifiers, 'or')} is in none of the ${where}.${span}${tellUnindexed(telling)}${tellNotes(telling)}`
  const sought = [...plan.words, ...plan.phrases]
  if (sought.length === 0)
    return `The question names nothing to look for among ${where}.${span}${tellUnindexed(telling)}${tellNotes(telling)}`
  return `No event about ${listed(sought)} was found. Looked through ${where}.${span}${tellUnindexed(telling)}${tellNotes(telling)}`
}

/**
 * A yes-or-no question whose words no line has: the answer is that none says so, and the lines that come nearest.
 */
export function tellNotSaid(telling: Telling, missing: readonly string[]): string {
  const { evidence } = telling
  const nearest = evidence.items.slice(0, 2).map((item) => `- ${tellLine(telling, item)}`)
  return [
    `No event with ${listed(missing, 'or')} was found among the ${counted(evidence.searched.events, 'event')}${tellFilters(telling)} ${tellWindow(telling)}.`,
    ...(nearest.length > 0 ? ['The nearest in meaning say something else:', ...nearest] : []),
  ].join('\n')
}

/** Nothing to count: no line has all the words, and these come nearest. They may answer all the same, so it claims nothing of them. */
export function tellNearest(telling: Telling): string {
  const { plan, evidence } = telling
  const sought = [...new Set([...plan.words, ...plan.identifiers, ...plan.phrases])]
  const nearest = onePerPattern(evidence.items)
    .slice(0, 4)
    .map((item) => `- ${tellLine(telling, item)}${tellTimes(telling, item)}`)
  const lead =
    sought.length === 1 ? `No line has ${listed(sought)}` : `No line has all of ${listed(sought)}`
  return [
    `${lead} among the ${counted(evidence.searched.events, 'event')}${tellFilters(telling)} ${tellWindow(telling)}.`,
    'The nearest lines, which may or may not be meant:',
    ...nearest,
  ].join('\n')
}

function tellEmptyScope(telling: Telling): string {
  const { plan, evidence, time } = telling
  const { oldest, newest, unindexed } = evidence.searched
  const { range, filters } = plan
  if (!oldest || !newest)
    return unindexed > 0
      ? `Nothing is indexed yet: ${counted(unindexed, 'record')} of the log ${unindexed === 1 ? 'waits' : 'wait'} to be.`
      : 'Nothing has been ingested yet, so there is nothing to search.'
  const stored = `Indexed are events from ${time.span(oldest, newest)} ${time.zoneAt(newest)}.`
  const isOutside =
    range !== null && ((range.from !== null && newest < range.from) || oldest >= range.to)
  const isFiltered = filters.services.length > 0 || filters.minSeverity > 0
  const lead =
    isFiltered && !isOutside
      ? `There is no event${tellFilters(telling)} ${tellWindow(telling)}.`
      : `Nothing was ingested ${tellWindow(telling)}${filters.streams.length > 0 ? ` in stream ${filters.streams.join(', ')}` : ''}.`
  return `${lead} ${stored}${tellUnindexed(telling)}${tellNotes(telling)}`
}
