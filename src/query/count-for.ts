import { countByPattern, countByWords, type PatternCount } from '../knowledge/count-events.ts'
import type { EvidenceItem } from '../knowledge/evidence.ts'
import { numberSource, statusSource } from '../knowledge/holds-number.ts'
import type { SearchDeps } from '../knowledge/search.ts'
import {
  isLightVerb,
  isOtherForm,
  missingWords,
  standsInNameOnly,
} from './answer/words-in-lines.ts'
import type { EventCount } from './evidence-types.ts'
import { exampleItems } from './example-items.ts'
import { groupByService } from './group-by-service.ts'
import type { Plan } from './plan.ts'

const countKinds: readonly Plan['kind'][] = ['count', 'top', 'trend']
/** A pattern that is less near in meaning than this (cosine) is not what a question asks to count. */
const minCountedCosine = 0.4
/** Groups that an answer names: patterns, or services. */
const maxGroups = { pattern: 5, service: 12 } as const
/** Events whose bodies are read for a number of one or two digits, at most; of more it is not asked. */
const maxRead = 200_000

/** What was counted, before its examples are found. */
interface Found {
  groups: PatternCount[]
  of: EventCount['of']
  words: readonly string[]
  missing: readonly string[]
}

/**
 * Exact counts for the kinds of question that ask for one, with a line of each group among the items; for "how many" and
 * "most", these come first there, the largest group's before the others.
 */
export async function countFor(
  deps: SearchDeps,
  plan: Plan,
  items: EvidenceItem[],
): Promise<EventCount | null> {
  if (!countKinds.includes(plan.kind)) return null
  const { filters } = plan
  const found = await narrowByNumbers(
    deps,
    plan,
    await narrowToStatus(deps, plan, await findCounted(deps, plan, items)),
  )
  const { groups, of, words, missing, numbers } = found
  if (groups.length === 0) return null
  let exact = 0
  for (const group of groups) exact += group.count
  const largest =
    plan.groupBy === 'service'
      ? groupByService(groups).slice(0, maxGroups.service)
      : groups.slice(0, maxGroups.pattern)
  const held = of === 'all_words' ? words : []
  const input = { groups: largest, words: held, numbers, filters }
  const examples = await exampleItems(deps, input, items)
  const places = plan.kind === 'trend' ? examples : putFirst(items, examples)
  return {
    exact,
    of,
    words: of === 'filters' ? [] : [...words, ...numbers],
    missing,
    groups: largest.map((group, index) => ({ ...group, item: places[index] ?? -1 })),
  }
}

async function findCounted(
  deps: SearchDeps,
  plan: Plan,
  items: readonly EvidenceItem[],
): Promise<Found> {
  const { filters } = plan
  const names = plan.identifiers.map((value) => value.toLowerCase())
  const all = [...new Set([...plan.words, ...names])]
  // Verbs such as "run" are often not the line's own: the answer says what was counted.
  for (const words of [all, all.filter((word) => !isLightVerb(word))]) {
    if (words.length === 0 && all.length > 0) continue
    const groups = preferWords(await countByWords(deps, { words, filters }), words)
    const of = words.length > 0 ? 'all_words' : 'filters'
    if (groups.length > 0) return { groups, of, words, missing: [] }
  }
  const nameless = await countWithoutNouns(deps, plan, all)
  if (nameless) return nameless
  if (names.length > 0) return countAround(deps, plan, names)
  if (plan.kind === 'top' && filters.services.length > 0 && filters.minSeverity > 0) {
    // "The most frequent nginx error of the frontend": what it runs on need not be in its lines.
    const groups = await countByWords(deps, { words: [], filters })
    return { groups, of: 'filters', words: [], missing: all }
  }
  const most = await countMost(deps, plan, items)
  if (most) return most
  // No line holds all the words. A pattern that is near enough is counted instead, and the answer says that it is.
  const nearest = items.slice(0, 1).filter((item) => (item.legs.vector ?? 0) >= minCountedCosine)
  const patternIds = nearest.map((item) => item.patternId)
  const groups = await countByPattern(deps, { patternIds, filters })
  return { groups, of: 'pattern', words: all, missing: [] }
}

/** What a line is, which it need not say of itself, and what is wrong with it, which is its level's to say. */
const kindsOfLine =
  /^(?:requests?|responses?|messages?|events?|records?|entries|calls?|queries|answers?|answered|returned|logins?|attempts?)$/
const troubles = /^(?:errors?|failures?|problems?|issues?|warnings?)$/

/** The words without the nouns that say what a line is ("POST requests"), or what is wrong, where no other kind is counted. */
async function countWithoutNouns(
  deps: SearchDeps,
  plan: Plan,
  all: readonly string[],
): Promise<Found | null> {
  const isNoun = (word: string) => kindsOfLine.test(word) || troubles.test(word)
  const words = all.filter((word) => !isNoun(word) && !isLightVerb(word))
  const missing = all.filter(isNoun)
  if (words.length === 0 || missing.length === 0) return null
  const groups = preferWords(await countByWords(deps, { words, filters: plan.filters }), words)
  const isTrouble = missing.some((word) => troubles.test(word))
  const isGrave = groups.every(({ severity }) => severity === 0 || severity >= 13)
  return groups.length > 0 && (isGrave || !isTrouble)
    ? { groups, of: 'all_words', words, missing }
    : null
}

/** All words but the one, or the few of many, that the nearest line lacks, where that line is among those counted. */
async function countMost(
  deps: SearchDeps,
  plan: Plan,
  items: readonly EvidenceItem[],
): Promise<Found | null> {
  const nearest = items.slice(0, 1).filter((item) => (item.legs.vector ?? 0) >= minCountedCosine)
  const asked = plan.words.filter((word) => !isLightVerb(word))
  const missing = missingWords(asked, nearest)
  const words = asked.filter((word) => !missing.includes(word))
  if (words.length < 2 || missing.length > Math.max(1, asked.length / 3)) return null
  const counts = await countByWords(deps, { words, filters: plan.filters })
  const groups = preferWords(counts, words)
  const holdsNearest = groups.some((group) => group.patternId === nearest[0]?.patternId)
  return holdsNearest ? { groups, of: 'all_words', words, missing } : null
}

/** The names with as many of the words as there are lines with all of them: the words are often the question's own. */
async function countAround(deps: SearchDeps, plan: Plan, names: readonly string[]): Promise<Found> {
  const { filters } = plan
  let words = [...names]
  let groups = await countByWords(deps, { words, filters })
  const sized: { word: string; count: number }[] = []
  for (const word of groups.length > 0 ? plan.words : []) {
    const counts = await countByWords(deps, { words: [...names, word], filters })
    sized.push({ word, count: counts.reduce((sum, group) => sum + group.count, 0) })
  }
  const missing: string[] = []
  for (const { word, count } of sized.toSorted((a, b) => a.count - b.count)) {
    const held = count > 0 ? await countByWords(deps, { words: [...words, word], filters }) : []
    if (held.length === 0) {
      missing.push(word)
      continue
    }
    words = [...words, word]
    groups = held
  }
  return { groups, of: 'all_words', words, missing }
}

/**
 * Where some patterns have the words as words, those that have one only inside a name ("placed" in "placed_at") or as a
 * verb ("connections" as "connected") say something else.
 */
function preferWords(groups: PatternCount[], words: readonly string[]): PatternCount[] {
  const plain = groups.filter(
    (group) =>
      !words.some(
        (word) => standsInNameOnly(group.template, word) || isOtherForm(group.template, word),
      ),
  )
  return plain.length > 0 ? plain : groups
}

/** Of what was found the events whose bodies hold the question's small numbers; all, where none does. */
async function narrowByNumbers(
  deps: SearchDeps,
  plan: Plan,
  found: Found,
): Promise<Found & { numbers: readonly string[] }> {
  const { filters, numbers } = plan
  const events = found.groups.reduce((sum, group) => sum + group.count, 0)
  if (numbers.length === 0 || events === 0) return { ...found, numbers: [] }
  const words = found.of === 'all_words' ? found.words : []
  const patternIds = found.groups.map((group) => group.patternId)
  const groups =
    events > maxRead
      ? []
      : await countByWords(deps, { words, bodies: numbers.map(numberSource), patternIds, filters })
  return groups.length > 0
    ? { ...found, groups, numbers }
    : { ...found, missing: [...found.missing, ...numbers], numbers: [] }
}

const aboutHttp =
  /\b(?:requests?|responses?|status(?:es)?|codes?|answer(?:s|ed)?|return(?:s|ed)?|respond(?:s|ed)?|serve[sd]?|http|GET|POST|PUT|DELETE|HEAD|PATCH|[1-5]\d\ds)\b/i

/** A status that is asked for is one: not the bytes, the time or the order of the same number, where lines tell them apart. */
async function narrowToStatus(deps: SearchDeps, plan: Plan, found: Found): Promise<Found> {
  const { filters } = plan
  const statuses = plan.identifiers.filter((value) => /^[1-5]\d\d$/.test(value))
  const events = found.groups.reduce((sum, group) => sum + group.count, 0)
  if (statuses.length === 0 || events > maxRead || !aboutHttp.test(plan.question)) return found
  const { words } = found
  const patternIds = found.groups.map((group) => group.patternId)
  const bodies = statuses.map(statusSource)
  const groups = await countByWords(deps, { words, bodies, patternIds, filters })
  return groups.length > 0 ? { ...found, groups } : found
}

/** Moves the items at `places` to the front, in that order; returns where they are then. */
function putFirst(items: EvidenceItem[], places: readonly number[]): number[] {
  const order = [...new Set(places.filter((place) => place !== -1))]
  const first = order.flatMap((place) => items[place] ?? [])
  const rest = items.filter((_, place) => !order.includes(place))
  items.splice(0, items.length, ...first, ...rest)
  return places.map((place) => order.indexOf(place))
}
