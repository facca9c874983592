import { type FusedHit, fusion, type LegName, legNames } from '../../knowledge/fuse.ts'
import type { SearchExplanation } from '../../knowledge/search.ts'

const maxRows = 20

/** Prints how the ranking came about: each pattern's place and score in each leg, and the sum that they make. */
export function printExplanation(
  explanation: SearchExplanation,
  patterns: ReadonlyMap<number, { template: string; service: string }>,
): void {
  const { decidedBy, hasVector, names, ranking } = explanation
  console.log(
    decidedBy === 'identifiers'
      ? '\nDecided by identifiers: only events that hold one are shown, those of the better pattern first.'
      : '\nDecided by the legs:',
  )
  if (!hasVector) console.log('The vector leg found nothing: the embedding model did not answer.')
  if (names.length > 0) console.log(`Names, in events and no pattern: ${names.join(', ')}`)
  for (const hit of ranking.slice(0, maxRows)) {
    const pattern = patterns.get(hit.patternId)
    console.log(`${hit.score.toFixed(3)} = ${termsOf(hit)}${verdicts[hit.dropped ?? 'kept']}`)
    if (pattern) console.log(`        ${pattern.service} ${pattern.template.slice(0, 160)}`)
  }
  if (ranking.length > maxRows) console.log(`and ${ranking.length - maxRows} more`)
}

const verdicts = {
  kept: '',
  below_score: `   no evidence: below ${fusion.minScore}`,
  below_share_of_best: `   no evidence: below ${fusion.minShareOfBest} of the best`,
} as const

function termsOf(hit: FusedHit): string {
  const parts = legNames.flatMap((leg) => legTerm(hit, leg))
  if (hit.isNamed) parts.push(`${fusion.name} name`)
  return parts.join(' + ')
}

function legTerm(hit: FusedHit, leg: LegName): string[] {
  const place = hit.legs[leg]
  if (!place) return []
  return [`${fusion.weights[leg]} × ${place.score.toFixed(3)} ${leg} (#${place.place})`]
}
