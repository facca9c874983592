/** The cosine of two vectors; NaN when either is missing or of another length. */
export function cosine(
  a: ArrayLike<number> | null | undefined,
  b: ArrayLike<number> | null | undefined,
): number {
  if (!a || !b || a.length !== b.length) return Number.NaN
  let dot = 0
  let squaresA = 0
  let squaresB = 0
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i] ?? Number.NaN
    const y = b[i] ?? Number.NaN
    dot += x * y
    squaresA += x * x
    squaresB += y * y
  }
  return dot / Math.sqrt(squaresA * squaresB)
}

/** A vector's Euclidean length. */
export function lengthOf(vector: Float32Array | null | undefined): number {
  return vector ? Math.hypot(...vector) : Number.NaN
}
