import { createHash } from 'node:crypto'

export const dimensions = 16

/** The vector that the embedding server gives a text, at unit length: each text its own, the same in every process. */
export function textVector(text: string): number[] {
  const bytes = createHash('sha256').update(text).digest().subarray(0, dimensions)
  const centred = [...bytes].map((byte) => byte - 127.5)
  const length = Math.hypot(...centred)
  return centred.map((value) => value / length)
}

/** Whether a vector is the text's own; what comes from the cache is at half precision. */
export function isVectorOf(text: string, vector: ArrayLike<number> | null): boolean {
  return (
    vector?.length === dimensions &&
    textVector(text).every((value, index) => Math.abs(value - (vector[index] ?? 0)) < 0.002)
  )
}
