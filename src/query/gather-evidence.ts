import {
  countByWords,
  findExtent,
  type PatternCount,
  summariseCounts,
  summariseScope,
} from '../knowledge/count-events.ts'
import { type EvidenceItem, noLegs, type SearchFilters } from '../knowledge/evidence.ts'
import { findEmerging } from '../knowledge/find-emerging.ts'
import { type SearchDeps, search } from '../knowledge/search.ts'
import { findEventsByPattern } from '../knowledge/search-events.ts'
import { countFor } from './count-for.ts'
import type { Evidence } from './evidence-types.ts'
import { exampleItems } from './example-items.ts'
import type { Plan } from './plan.ts'

/** Lines an answer rests on, at most; more for a name, whose every line belongs to one story. */
const maxItems = { patterns: 10, identifier: 12 } as const
/** Events behind the same symptom, at most this long before it, may belong to its story. */
const lookBackMs = 30 * 60_000
/** What was over for longer than this when the symptom began is not part of its story. */
const overMs = 10 * 60_000
const warn = 13

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
  const listing = namesNothing(plan) ? await countByWords(deps, { words: [], filters }) : null
  const scope = listing ? summariseCounts(listing) : await summariseScope(deps, filters)
  const known = await findExtent(deps, filters.streams)
  const extent = scope.events > 0 ? scope : known
  const found = listing
    ? {
        items: await listItems(deps, plan, listing),
        total: scope.events,
        identifiers: [],
        absentTerms: [],
      }
    : await search(
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
    absentTerms: found.absentTerms,
  }
}

/** A question that has no words of its own, only a time, a service or a severity: it wants a list. */
function namesNothing(plan: Plan): boolean {
  return (
    plan.kind !== 'find' && plan.words.length + plan.identifiers.length + plan.phrases.length === 0
  )
}

/** The largest patterns inside the filters, one line each; where it is asked what went on, warnings and errors first. */
async function listItems(
  deps: SearchDeps,
  plan: Plan,
  groups: readonly PatternCount[],
): Promise<EvidenceItem[]> {
  const isStory = plan.kind === 'around' || plan.kind === 'explain'
  const gravity = (group: PatternCount) => (isStory && group.severity >= warn ? 1 : 0)
  const largest = groups
    .toSorted((a, b) => gravity(b) - gravity(a) || b.count - a.count)
    .slice(0, maxItems.patterns)
  const items: EvidenceItem[] = []
  const middle = isStory ? middleOf(plan) : null
  await exampleItems(
    deps,
    { groups: largest, words: [], filters: plan.filters, ...(middle ? { near: middle } : {}) },
    items,
  )
  return items
}

/** The moment that a question asks around; null where it names none, or a range. */
function middleOf({ range }: Plan): Date | null {
  const [, amount, unit = ''] = /± (\d+) (s|min|hour|day)/.exec(range?.label ?? '') ?? []
  if (!range?.from || amount === undefined) return null
  const ms = { s: 1000, min: 60_000, hour: 3_600_000, day: 86_400_000 }[unit] ?? 0
  return new Date(range.from.getTime() + Number(amount) * ms)
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
  const minSeverity = plan.isAboutBeginning ? Math.max(warn, plan.filters.minSeverity) : warn
  const { maxSeverity: _, ...rest } = plan.filters
  const filters: SearchFilters = { ...rest, services: [], minSeverity }
  if (symptom) {
    filters.from = new Date(symptom.first.getTime() - lookBackMs)
    filters.to = new Date(symptom.last.getTime() + 1)
  }
  const emerging = await findEmerging(
    deps,
    {
      filters,
      minSeverity,
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
  const { services } = plan.filters
  return emerging.flatMap((pattern) => {
    const event = firsts.find((candidate) => candidate.patternId === pattern.patternId)
    if (!event) return []
    // What is asked of a service alone is told of it alone; a story may begin elsewhere.
    if (plan.isAboutBeginning && services.length > 0 && !services.includes(event.service)) return []
    const { count, first, last } = pattern
    return [{ ...event, count, first, last, score: 0, legs: noLegs }]
  })
}
