import type { PatternHit } from './search-legs.ts'

/** The legs that rank patterns. */
export const legNames = ['vector', 'lexical'] as const
export type LegName = (typeof legNames)[number]

/** What each leg found, best first. */
export type Legs = Record<LegName, readonly PatternHit[]>

/** Where a leg has a pattern, from 1, and how it scores it there, 0 to 1. */
export interface LegPlace {
  place: number
  score: number
}

/** One pattern with everything that its rank is made of. */
export interface FusedHit {
  patternId: number
  score: number
  legs: Record<LegName, LegPlace | null>
  /** An event of it holds a name that the question has and no pattern. */
  isNamed: boolean
  /** Why it is no evidence after all; null where it is. */
  dropped: 'below_score' | 'below_share_of_best' | null
}

/**
 * How the legs are weighed. Both scores are shares (a cosine; the part of the question's rare-word weight that a pattern
 * covers), so the lexical leg says little by itself when only common words are shared: on symptom questions, which share
 * 1 % of their words with the lines, equal rank fusion halved first-place recall.
 */
export const fusion = {
  weights: { vector: 0.55, lexical: 0.45 },
  /** Added to a pattern whose events hold a name of the question. */
  name: 0.25,
  /** Below this a pattern is not evidence; nor is it below this share of the best one's score. */
  minScore: 0.24,
  minShareOfBest: 0.5,
} as const

/** One ranking out of the legs': the weighted sum of their scores, best first, the same for the same input. */
export function fuse(legs: Legs, named: ReadonlySet<number>): FusedHit[] {
  const hits = new Map<number, FusedHit>()
  for (const leg of legNames) {
    for (const [index, { patternId, score }] of legs[leg].entries()) {
      const hit = hits.get(patternId) ?? {
        patternId,
        score: 0,
        legs: { vector: null, lexical: null },
        isNamed: named.has(patternId),
        dropped: null,
      }
      hit.legs[leg] = { place: index + 1, score }
      hit.score += fusion.weights[leg] * score
      hits.set(patternId, hit)
    }
  }
  for (const hit of hits.values()) if (hit.isNamed) hit.score = Math.min(1, hit.score + fusion.name)
  const ranked = [...hits.values()].sort((a, b) => b.score - a.score || a.patternId - b.patternId)
  const best = ranked[0]?.score ?? 0
  for (const hit of ranked) {
    if (hit.score < fusion.minScore) hit.dropped = 'below_score'
    else if (hit.score < fusion.minShareOfBest * best) hit.dropped = 'below_share_of_best'
  }
  return ranked
}
