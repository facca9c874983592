import {
  countByPattern,
  countByWords,
  type PatternCount,
  summariseScope,
} from '../knowledge/count-events.ts'
import type { EvidenceItem, SearchFilters } from '../knowledge/evidence.ts'
import { findEmerging } from '../knowledge/find-emerging.ts'
import { type SearchDeps, search } from '../knowledge/search.ts'
import { findEventsByPattern } from '../knowledge/search-events.ts'
import type { EventCount, Evidence } from './evidence-types.ts'
import type { Plan } from './plan.ts'

/** Lines an answer rests on, at most; more for a name, whose every line belongs to one story. */
const maxItems = { patterns: 8, identifier: 12 } as const
/** Events behind the same symptom, at most this long before it, may belong to its story. */
const lookBackMs = 30 * 60_000
/** What was over for longer than this when the symptom began is not part of its story. */
const overMs = 10 * 60_000
const warn = 13
const emptyFilters: SearchFilters = {
  from: null,
  to: null,
  services: [],
  minSeverity: 0,
  streams: [],
}

export interface GatherOptions {
  /** Records that are in the log but not events yet. */
  unindexed: number
  signal?: AbortSignal
}

/**
 * Runs the typed searches that a plan calls for. What it returns always says the window, the filters, how much was shown
 * and how much there was, so that "nothing" can be told from "not looked".
 */
export async function gatherEvidence(
  deps: SearchDeps,
  plan: Plan,
  options: GatherOptions,
): Promise<Evidence> {
  const { filters } = plan
  const scope = await summariseScope(deps, filters)
  const known = await summariseScope(deps, { ...emptyFilters, streams: filters.streams })
  const extent = scope.events > 0 ? scope : known
  const found = await search(
    deps,
    { text: plan.text, identifiers: plan.identifiers, words: plan.words, filters },
    {
      limit: plan.identifiers.length > 0 ? maxItems.identifier : maxItems.patterns,
      ...(options.signal ? { signal: options.signal } : {}),
    },
  )
  const items = [...found.items]
  const count = await countFor(deps, plan, items)
  const timeline = await timelineFor(deps, plan, items, known.first)
  return {
    items,
    shown: items.length,
    total: Math.max(found.total, count?.exact ?? 0, items.length),
    searched: {
      streams: [...filters.streams],
      events: scope.events,
      patterns: scope.patterns,
      oldest: extent.first,
      newest: extent.last,
      unindexed: options.unindexed,
    },
    count,
    timeline,
    identifiers: found.identifiers,
  }
}

const countKinds: readonly Plan['kind'][] = ['count', 'top', 'trend']
/** A pattern that is less near in meaning than this (cosine) is not what a question asks to count. */
const minCountedCosine = 0.4

/** Exact counts for the kinds of question that ask for one, with a line of each group among the items. */
async function countFor(
  deps: SearchDeps,
  plan: Plan,
  items: EvidenceItem[],
): Promise<EventCount | null> {
  if (!countKinds.includes(plan.kind)) return null
  const { filters } = plan
  const names = plan.identifiers.map((value) => value.toLowerCase())
  let words = [...new Set([...plan.words, ...names])]
  let groups = await countByWords(deps, { words, filters })
  let of: EventCount['of'] = words.length > 0 ? 'all_words' : 'filters'
  if (groups.length === 0 && names.length > 0) {
    // The words around a name are often not the line's own: then what holds the name is counted, and said to be that.
    words = names
    groups = await countByWords(deps, { words, filters })
  } else if (groups.length === 0) {
    // No line holds all the words. A pattern that is near enough is counted instead, and the answer says that it is.
    const nearest = items.slice(0, 1).filter((item) => (item.legs.vector ?? 0) >= minCountedCosine)
    groups = await countByPattern(deps, {
      patternIds: nearest.map((item) => item.patternId),
      filters,
    })
    of = 'pattern'
  }
  if (groups.length === 0) return null
  let exact = 0
  for (const group of groups) exact += group.count
  const largest = groups.slice(0, 5)
  const examples = await exampleItems(deps, plan, largest, items)
  return {
    exact,
    of,
    words,
    groups: largest.map((group, index) => ({ ...group, item: examples[index] ?? -1 })),
  }
}

/** Makes sure that each group has a line among the items; returns the place of each. */
async function exampleItems(
  deps: SearchDeps,
  plan: Plan,
  groups: readonly PatternCount[],
  items: EvidenceItem[],
): Promise<number[]> {
  const samples = await findEventsByPattern(
    deps,
    { patternIds: groups.map((group) => group.patternId), filters: plan.filters },
    { limit: 1 },
  )
  return groups.map((group) => {
    const known = items.findIndex((item) => item.patternId === group.patternId)
    if (known !== -1) return known
    const sample = samples.find((event) => event.patternId === group.patternId)
    if (!sample) return -1
    const { count, first, last } = group
    const legs = { vector: null, lexical: null, identifier: null }
    return items.push({ ...sample, count, first, last, score: 0, legs }) - 1
  })
}

/** For "why" and "around": what began in the window, or shortly before the symptom that the items show. */
async function timelineFor(
  deps: SearchDeps,
  plan: Plan,
  items: readonly EvidenceItem[],
  knownSince: Date | null,
): Promise<EvidenceItem[]> {
  const [symptom] = plan.kind === 'explain' ? items : []
  if (plan.kind !== 'around' && !symptom) return []
  if (knownSince === null) return []
  const filters: SearchFilters = { ...plan.filters, services: [], minSeverity: warn }
  if (symptom) {
    filters.from = new Date(symptom.first.getTime() - lookBackMs)
    filters.to = new Date(symptom.last.getTime() + 1)
  }
  const emerging = await findEmerging(
    deps,
    {
      filters,
      minSeverity: warn,
      knownSince,
      activeAt: symptom ? new Date(symptom.first.getTime() - overMs) : null,
    },
    { limit: 12 },
  )
  const firsts = await findEventsByPattern(
    deps,
    { patternIds: emerging.map((pattern) => pattern.patternId), filters },
    { limit: 1, order: 'oldest' },
  )
  return emerging.flatMap((pattern) => {
    const event = firsts.find((candidate) => candidate.patternId === pattern.patternId)
    if (!event) return []
    const { count, first, last } = pattern
    const legs = { vector: null, lexical: null, identifier: null }
    return [{ ...event, count, first, last, score: 0, legs }]
  })
}
