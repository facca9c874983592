import type { PatternHit } from './search-legs.ts'

/** The legs that rank patterns. */
export const legNames = ['vector', 'meaning', 'lexical'] as const
export type LegName = (typeof legNames)[number]

/** What each leg found, best first. */
export type Legs = Record<LegName, readonly PatternHit[]>

/** Where a leg has a pattern, from 1 (null: behind all that it returned), and how it scores it there, 0 to 1. */
export interface LegPlace {
  place: number | null
  score: number
}

/** One pattern with everything that its rank is made of. */
export interface FusedHit {
  patternId: number
  /** 0 to 1. */
  score: number
  legs: Record<LegName, LegPlace | null>
  /** Its severity is a warning's or worse. */
  isWarning: boolean
  /** An event of it holds a name that the question has and no pattern. */
  isNamed: boolean
  /** Why it is no evidence after all; null where it is. */
  dropped: 'below_score' | 'below_share_of_best' | null
}

/**
 * How the legs are weighed; all scores are shares, and so is the sum:
 *
 *   score = vector x v + nearest x max(v, m) + lexical x l² + warning + name
 *
 * v: cosine of the question and the pattern; m: of the question and what the pattern means in plain words; l: the part of
 * the question's rare-word weight that the pattern covers. A pattern is found by what it says or by what it means, so the
 * better of the two counts, and its own words decide between patterns of one meaning. The lexical share is squared: a
 * question that shares its rare words with a line wants that line, one that shares a common word with many says little by
 * it. What goes wrong is looked for more often than what goes well.
 *
 * Chosen on the tuning part of examples/incident/questions: see docs/benchmarks.md.
 */
export const fusion = {
  vector: 0.2,
  nearest: 0.8,
  lexical: 0.45,
  warning: 0.03,
  /** Added to a pattern whose events hold a name of the question. */
  name: 0.25,
  /** Below this a pattern is not evidence; nor is it below this share of the best one's score. */
  minScore: 0.3,
  minShareOfBest: 0.4,
} as const

const warn = 13

/** One ranking out of the legs', best first, the same for the same input. `vectors`: cosines of what the other legs found. */
export function fuse(
  legs: Legs,
  { named, vectors }: { named: ReadonlySet<number>; vectors: ReadonlyMap<number, number> },
): FusedHit[] {
  const hits = new Map<number, FusedHit>()
  for (const leg of legNames) {
    for (const [index, { patternId, severity, score }] of legs[leg].entries()) {
      const vector = vectors.get(patternId)
      const hit = hits.get(patternId) ?? {
        patternId,
        score: 0,
        legs: {
          vector: vector === undefined ? null : { place: null, score: vector },
          meaning: null,
          lexical: null,
        },
        isWarning: severity >= warn,
        isNamed: named.has(patternId),
        dropped: null,
      }
      hit.legs[leg] = { place: index + 1, score }
      hits.set(patternId, hit)
    }
  }
  for (const hit of hits.values()) hit.score = scoreOf(hit)
  const ranked = [...hits.values()].sort((a, b) => b.score - a.score || a.patternId - b.patternId)
  const best = ranked[0]?.score ?? 0
  for (const hit of ranked) {
    if (hit.score < fusion.minScore) hit.dropped = 'below_score'
    else if (hit.score < fusion.minShareOfBest * best) hit.dropped = 'below_share_of_best'
  }
  return ranked
}

function scoreOf({ legs, isWarning, isNamed }: FusedHit): number {
  const said = legs.vector?.score ?? 0
  const meant = legs.meaning?.score ?? 0
  const shared = legs.lexical?.score ?? 0
  const sum =
    fusion.vector * said +
    fusion.nearest * Math.max(said, meant) +
    fusion.lexical * shared ** 2 +
    (isWarning ? fusion.warning : 0) +
    (isNamed ? fusion.name : 0)
  return Math.min(1, sum)
}
