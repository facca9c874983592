import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { onePerPattern, type Telling, tellHead, tellLine, tellTimes } from './telling.ts'

const maxOthers = 8
const warn = 13
const error = 17

/** The earliest error that may belong to the symptom, and what began after it. Order in time, never a cause. */
export function tellExplanation(telling: Telling): string {
  const { evidence } = telling
  const symptom = evidence.items.find((item) => item.severity >= warn) ?? evidence.items[0]
  const story = onePerPattern(
    evidence.timeline.toSorted((a, b) => a.first.getTime() - b.first.getTime()),
  )
  const isOver = (item: EvidenceItem) =>
    symptom !== undefined && item.last.getTime() < symptom.first.getTime() - overMs
  const related = story.filter((item) => !isOver(item))
  const earliest = related.find((item) => item.severity >= error) ?? related[0] ?? symptom
  if (!earliest) return ''
  const others = story.filter((item) => item !== earliest)
  const isTold = [earliest, ...others.slice(0, maxOthers)].some(
    (item) => item.patternId === symptom?.patternId,
  )
  return [
    `The earliest related ${nameOf(earliest)} is of ${tellHead(telling, earliest)}${tellTimes(telling, earliest)}.`,
    ...(symptom && !isTold
      ? [`Asked about: ${tellHead(telling, symptom)}${tellTimes(telling, symptom)}.`]
      : []),
    ...(others.length > 0
      ? ['What else began, in the order in which it did (order is not cause):']
      : []),
    ...others
      .slice(0, maxOthers)
      .map(
        (item) =>
          `- ${tellLine(telling, item)}${tellTimes(telling, item)}${isOver(item) ? ', over before it' : ''}`,
      ),
  ].join('\n')
}

/** A pattern whose last event is longer ago than this when the symptom begins was over by then. */
const overMs = 5 * 60_000

function nameOf(item: EvidenceItem): string {
  if (item.severity >= error) return 'error'
  return item.severity >= warn ? 'warning' : 'event'
}
