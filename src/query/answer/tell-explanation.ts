import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { onePerPattern, type Telling, tellHead, tellLine, tellTimes } from './telling.ts'
import { wordsIn } from './words-in-lines.ts'

const maxOthers = 8
const maxAlso = 4
const warn = 13

/**
 * The symptom asked about, then what began before it and after it, in its order. Order in time, never a cause: only what
 * has a thread to the symptom, or began shortly before it, is called related.
 */
export function tellExplanation(telling: Telling): string {
  const { evidence } = telling
  const symptom = symptomOf(telling)
  if (!symptom) return ''
  const story = onePerPattern(
    evidence.timeline.toSorted((a, b) => a.first.getTime() - b.first.getTime()),
  ).filter((item) => item.patternId !== symptom.patternId)
  const told = story.slice(0, maxOthers)
  const isBefore = (item: EvidenceItem) => item.first < symptom.first
  const tell = (item: EvidenceItem) =>
    `- ${tellLine(telling, item)}${tellTimes(telling, item)}${tellThread(telling, item, symptom)}`
  const before = told.filter(isBefore)
  const after = told.filter((item) => !isBefore(item))
  return [
    `Asked about: ${tellHead(telling, symptom)}${tellTimes(telling, symptom)}.`,
    ...(before.length > 0
      ? ['Began before it, in the order in which it did (order is not cause):', ...before.map(tell)]
      : []),
    ...(after.length > 0 ? ['Began with it or after it:', ...after.map(tell)] : []),
    ...(story.length === 0 ? tellAlso(telling, symptom) : []),
  ].join('\n')
}

/** What ties an item to the symptom, or that it was over before; nothing where neither is known. */
function tellThread({ plan }: Telling, item: EvidenceItem, symptom: EvidenceItem): string {
  const ahead = symptom.first.getTime() - item.first.getTime()
  if (item.last.getTime() < symptom.first.getTime() - overMs) return ', over before it'
  if (item.traceId !== null && item.traceId === symptom.traceId) return ', related: same trace'
  const shared = sharedIdentifier(item, symptom)
  if (shared !== undefined) return `, related: both hold ${shared}`
  if (item.service !== '' && plan.filters.services.includes(item.service))
    return ', related: same service'
  if (ahead <= 0 || ahead > shortlyMs) return ''
  return ', related in time: shortly before it'
}

/** A token with digits, of six characters or more, that both lines hold. */
function sharedIdentifier(item: EvidenceItem, symptom: EvidenceItem): string | undefined {
  const tokens = new Set(symptom.text.match(identifier))
  return item.text.match(identifier)?.find((token) => tokens.has(token))
}

const identifier = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,}(?![\w-])/g

/** What began this shortly before the symptom may be called related. */
const shortlyMs = 2 * 60_000

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
