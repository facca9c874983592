import type { PatternCount } from '../knowledge/count-events.ts'
import type { EvidenceItem } from '../knowledge/evidence.ts'
import { formatCitation } from '../log/citation.ts'

/** What the searches of a plan brought, with what was looked through to bring it. */
export interface Evidence {
  /** Best first. */
  items: readonly EvidenceItem[]
  /** How many of the events found are among `items`. */
  shown: number
  /** Events found, shown or not. */
  total: number
  searched: {
    /** Empty for all. */
    streams: readonly string[]
    /** Events inside the window and the filters, whatever the question's words. */
    events: number
    patterns: number
    /** The oldest and newest of these events; where there are none, of all that is indexed. Null: nothing is. */
    oldest: Date | null
    newest: Date | null
    /** Records that are in the log but not events yet. */
    unindexed: number
  }
  /** The exact number of events, for the questions that ask for one. */
  count: EventCount | null
  /** For "why" and "around": what began in the window, by its first event. */
  timeline: readonly EvidenceItem[]
  /** How many events inside the filters hold each of the question's identifiers. */
  identifiers: readonly { value: string; events: number }[]
  /** Technical terms of the question of which no event inside the filters reports the like. Default: none. */
  absentTerms?: readonly string[]
}

export interface EventCount {
  exact: number
  /** What was counted: lines with all of `words`; those of the nearest pattern, for want of such; all inside the filters. */
  of: 'all_words' | 'pattern' | 'filters'
  words: readonly string[]
  /** Words and numbers of the question that the lines counted do not hold, so that they were left out. */
  missing?: readonly string[]
  /** The largest first; `item`: the place of an example among the items, -1 for none. */
  groups: readonly (PatternCount & { item: number })[]
}

/**
 * The lines that an answer may cite, in the order of their numbers: the items, then those of the timeline that are not
 * among them. [1] is the first.
 */
export function citableItems(evidence: Evidence): EvidenceItem[] {
  const known = new Map<string, EvidenceItem>()
  for (const item of [...evidence.items, ...evidence.timeline]) {
    const key = formatCitation(item.citation)
    if (!known.has(key)) known.set(key, item)
  }
  return [...known.values()]
}
