import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { onePerPattern, type Telling, tellHead, tellLine, tellTimes } from './telling.ts'

const maxOthers = 6
const warn = 13

/** What stands out in a window: the gravest first, what is new before what was there already. */
export function tellAround(telling: Telling): string {
  const { evidence, plan } = telling
  const begun = new Set(evidence.timeline.map((item) => item.patternId))
  const gravity = (item: EvidenceItem) => Math.floor((Math.max(item.severity, 9) - 1) / 4)
  const byBeginning = (a: EvidenceItem, b: EvidenceItem) =>
    begun.has(a.patternId) && begun.has(b.patternId) ? a.first.getTime() - b.first.getTime() : 0
  const isNewFirst = plan.isAboutBeginning && begun.size > 0
  const items = onePerPattern([...evidence.timeline, ...telling.citable]).toSorted(
    (a, b) =>
      (isNewFirst
        ? Number(begun.has(b.patternId)) - Number(begun.has(a.patternId)) || byBeginning(a, b)
        : 0) ||
      gravity(b) - gravity(a) ||
      Number(begun.has(b.patternId)) - Number(begun.has(a.patternId)) ||
      b.count - a.count,
  )
  const [worst, ...others] = items
  if (!worst) return ''
  const isNew = (item: EvidenceItem) => (begun.has(item.patternId) ? ', new in this time' : '')
  const lead = isNewFirst
    ? 'The first to begin'
    : plan.isAboutBeginning
      ? 'Nothing is new in this time; what stands out'
      : worst.severity >= warn
        ? 'What stands out'
        : 'No warning or error stands out; what fits best'
  const words = plan.range ? '' : ' in all that is indexed'
  return [
    `${lead}${words}: ${tellHead(telling, worst)}${tellTimes(telling, worst)}${isNew(worst)}.`,
    ...others
      .slice(0, maxOthers)
      .map((item) => `- ${tellLine(telling, item)}${tellTimes(telling, item)}${isNew(item)}`),
  ].join('\n')
}
