import { countByPattern, countByWords, type PatternCount } from '../knowledge/count-events.ts'
import type { EvidenceItem } from '../knowledge/evidence.ts'
import type { SearchDeps } from '../knowledge/search.ts'
import { isLightVerb } from './answer/words-in-lines.ts'
import type { EventCount } from './evidence-types.ts'
import { exampleItems } from './example-items.ts'
import { groupByService } from './group-by-service.ts'
import type { Plan } from './plan.ts'

const countKinds: readonly Plan['kind'][] = ['count', 'top', 'trend']
/** A pattern that is less near in meaning than this (cosine) is not what a question asks to count. */
const minCountedCosine = 0.4
/** Groups that an answer names: patterns, or services. */
const maxGroups = { pattern: 5, service: 12 } as const

/** Exact counts for the kinds of question that ask for one, with a line of each group among the items. */
export async function countFor(
  deps: SearchDeps,
  plan: Plan,
  items: EvidenceItem[],
): Promise<EventCount | null> {
  if (!countKinds.includes(plan.kind)) return null
  const { filters } = plan
  const names = plan.identifiers.map((value) => value.toLowerCase())
  const all = [...new Set([...plan.words, ...names])]
  // The words around a name, and verbs such as "run", are often not the line's own: the answer says what was counted.
  const attempts = [all, all.filter((word) => !isLightVerb(word)), names]
  let words = all
  let groups: PatternCount[] = []
  for (const attempt of attempts) {
    if (groups.length > 0 || (attempt.length === 0 && all.length > 0)) continue
    words = attempt
    groups = await countByWords(deps, { words, filters })
  }
  let of: EventCount['of'] = words.length > 0 ? 'all_words' : 'filters'
  if (groups.length === 0 && names.length === 0) {
    // No line holds all the words. A pattern that is near enough is counted instead, and the answer says that it is.
    const nearest = items.slice(0, 1).filter((item) => (item.legs.vector ?? 0) >= minCountedCosine)
    groups = await countByPattern(deps, {
      patternIds: nearest.map((item) => item.patternId),
      filters,
    })
    words = all
    of = 'pattern'
  }
  if (groups.length === 0) return null
  let exact = 0
  for (const group of groups) exact += group.count
  const largest =
    plan.groupBy === 'service'
      ? groupByService(groups).slice(0, maxGroups.service)
      : groups.slice(0, maxGroups.pattern)
  const held = of === 'all_words' ? words : []
  const examples = await exampleItems(deps, { groups: largest, words: held, filters }, items)
  return {
    exact,
    of,
    words,
    groups: largest.map((group, index) => ({ ...group, item: examples[index] ?? -1 })),
  }
}
