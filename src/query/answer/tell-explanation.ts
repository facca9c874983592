import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { onePerPattern, type Telling, tellHead, tellLine, tellTimes } from './telling.ts'
import { wordsIn } from './words-in-lines.ts'

const maxOthers = 8
const maxAlso = 4
const warn = 13
const error = 17

/** The earliest error that may belong to the symptom, and what began after it. Order in time, never a cause. */
export function tellExplanation(telling: Telling): string {
  const { evidence } = telling
  const symptom = symptomOf(telling)
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
    ...(story.length === 0 ? tellAlso(telling, earliest) : []),
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

/** The warning or error that the question means, or else what fits it best. */
function symptomOf({ evidence, plan }: Telling): EvidenceItem | undefined {
  const [best] = evidence.items
  const grave = evidence.items.find(
    (item) =>
      item.severity >= warn &&
      (wordsIn(item, plan.words) > 0 || item.score >= closeShare * (best?.score ?? 0)),
  )
  return grave ?? best
}

/** A line without any word of the question still means the same when its score is this share of the best. */
const closeShare = 0.8

/** A pattern whose last event is longer ago than this when the symptom begins was over by then. */
const overMs = 5 * 60_000

/** Where nothing began: what else fits the question, warnings and errors first. */
function tellAlso(telling: Telling, told: EvidenceItem): string[] {
  const others = onePerPattern(telling.evidence.items)
    .filter((item) => item.patternId !== told.patternId)
    .toSorted((a, b) => Number(b.severity >= warn) - Number(a.severity >= warn))
    .slice(0, maxAlso)
  if (others.length === 0) return []
  return [
    'Also found:',
    ...others.map((item) => `- ${tellLine(telling, item)}${tellTimes(telling, item)}`),
  ]
}

function nameOf(item: EvidenceItem): string {
  if (item.severity >= error) return 'error'
  return item.severity >= warn ? 'warning' : 'event'
}
