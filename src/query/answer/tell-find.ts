import type { EvidenceItem } from '../../knowledge/evidence.ts'
import { onePerPattern, type Telling, tellHead, tellLine, tellTimes } from './telling.ts'
import { holds, wordsIn } from './words-in-lines.ts'

const maxOthers = 5

/** The line that fits best, then the others, one a pattern. */
export function tellFind(telling: Telling): string {
  const { plan, evidence } = telling
  const match = (item: EvidenceItem) =>
    plan.phrases.filter((phrase) => holds(item, phrase)).length * 100 + wordsIn(item, plan.words)
  const hasPhrase = evidence.items.some((item) => match(item) >= 100)
  const items = onePerPattern(
    hasPhrase ? evidence.items.toSorted((a, b) => match(b) - match(a)) : evidence.items,
  )
  const [best, ...others] = items
  if (!best) return ''
  return [
    `${tellHead(telling, best)}${tellTimes(telling, best)}.`,
    ...others
      .slice(0, maxOthers)
      .map((item) => `- ${tellLine(telling, item)}${tellTimes(telling, item)}`),
  ].join('\n')
}
