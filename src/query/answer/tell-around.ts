import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { onePerPattern, type Telling, tellHead, tellLine, tellTimes } from './telling.ts'

const maxOthers = 6
const warn = 13

/** What stands out in a window: the gravest first, what is new before what was there already. */
export function tellAround(telling: Telling): string {
  const { evidence, plan } = telling
  const begun = new Set(evidence.timeline.map((item) => item.patternId))
  const gravity = (item: EvidenceItem) => Math.floor((Math.max(item.severity, 9) - 1) / 4)
  const items = onePerPattern(telling.citable).toSorted(
    (a, b) =>
      gravity(b) - gravity(a) ||
      Number(begun.has(b.patternId)) - Number(begun.has(a.patternId)) ||
      b.count - a.count,
  )
  const [worst, ...others] = items
  if (!worst) return ''
  const isNew = (item: EvidenceItem) => (begun.has(item.patternId) ? ', new in this time' : '')
  const lead =
    worst.severity >= warn ? 'What stands out' : 'No warning or error stands out; what fits best'
  const words = plan.range ? '' : ' in all that is indexed'
  return [
    `${lead}${words}: ${tellHead(telling, worst)}${tellTimes(telling, worst)}${isNew(worst)}.`,
    ...others
      .slice(0, maxOthers)
      .map((item) => `- ${tellLine(telling, item)}${tellTimes(telling, item)}${isNew(item)}`),
  ].join('\n')
}
