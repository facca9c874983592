import { type FusedHit, fusion, type LegName, type LegPlace } from '../../knowledge/fuse.ts'
import type { SearchExplanation } from '../../knowledge/search.ts'

const maxRows = 20

/** Prints how the ranking came about: each pattern's place and score in each leg, and the sum that they make. */
export function printExplanation(
  explanation: SearchExplanation,
  patterns: ReadonlyMap<number, { template: string; service: string }>,
): void {
  const { decidedBy, text, hasVector, names, ranking } = explanation
  console.log(
    decidedBy === 'identifiers'
      ? '\nDecided by identifiers: only events that hold one are shown, those of the better pattern first.'
      : '\nDecided by the legs:',
  )
  console.log(`Looked for: ${text}`)
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

/** The sum as fuse.ts makes it. */
function termsOf({ legs, isWarning, isNamed }: FusedHit): string {
  const { vector, meaning, lexical } = legs
  const isMeant = (meaning?.score ?? 0) > (vector?.score ?? 0)
  const nearest = isMeant ? told('meaning', meaning) : told('vector', vector)
  return [
    ...(vector ? [`${fusion.vector} × ${told('vector', vector)}`] : []),
    ...(vector || meaning ? [`${fusion.nearest} × ${nearest}`] : []),
    ...(lexical ? [`${fusion.lexical} × ${told('lexical', lexical)}²`] : []),
    ...(isWarning ? [`${fusion.warning} warning`] : []),
    ...(isNamed ? [`${fusion.name} name`] : []),
  ].join(' + ')
}

function told(leg: LegName, place: LegPlace | null): string {
  const where = place?.place ? ` #${place.place}` : ''
  return `${(place?.score ?? 0).toFixed(3)} ${leg}${where}`
}
