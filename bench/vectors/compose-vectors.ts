import { patternText } from '../../src/knowledge/pattern-text.ts'
import { createRandom } from '../support/lines.ts'
import type { Statement } from './statements.ts'

/** How much of a statement's vector is of what happened, of who says it and of the reason, and what is its own. */
const weights = { happened: 0.6, who: 0.3, reason: 0.3, noise: 0.2 } as const

/**
 * Vectors of statements: sums of real vectors of their parts, and noise. Thirty thousand of them need seven hundred real
 * ones, which a busy machine makes in seconds instead of minutes; statements that share parts are near one another.
 */
export function createVectorComposer(embed: (texts: readonly string[]) => Promise<Float32Array[]>) {
  const known = new Map<string, Float32Array>()
  return async (statements: readonly Statement[]): Promise<Float32Array[]> => {
    const partsOf = ({ service, severity, parts: [subject, event, reason] }: Statement) => [
      [`${subject} ${event}`, weights.happened] as const,
      [patternText({ service, severity, template: '', example: '' }), weights.who] as const,
      [reason, weights.reason] as const,
    ]
    const missing = new Set(statements.flatMap(partsOf).map(([text]) => text))
    for (const text of known.keys()) missing.delete(text)
    const texts = [...missing]
    for (const [index, vector] of (await embed(texts)).entries())
      known.set(texts[index] ?? '', vector)
    return statements.map((statement) => {
      const parts = partsOf(statement).flatMap(([text, weight]) => {
        const vector = known.get(text)
        return vector ? [{ vector, weight }] : []
      })
      return compose(parts, createRandom(seedOf(JSON.stringify(statement))))
    })
  }
}

function compose(
  parts: readonly { vector: Float32Array; weight: number }[],
  random: () => number,
): Float32Array {
  const dimensions = parts[0]?.vector.length ?? 0
  const spread = weights.noise * Math.sqrt(12 / dimensions)
  const sum = Float32Array.from({ length: dimensions }, (_, index) =>
    parts.reduce(
      (total, { vector, weight }) => total + weight * (vector[index] ?? 0),
      (random() - 0.5) * spread,
    ),
  )
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}

function seedOf(text: string): number {
  let seed = 7
  for (const character of text) seed = Math.imul(seed, 31) + (character.codePointAt(0) ?? 0)
  return seed
}
