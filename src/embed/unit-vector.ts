/** The vector of the same direction and length 1; undefined when there is none: a zero, an infinity or a NaN in it. */
export function unitVector(values: ArrayLike<number>): Float32Array | undefined {
  let squares = 0
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN
    squares += value * value
  }
  const length = Math.sqrt(squares)
  if (!Number.isFinite(length) || length === 0) return undefined
  return Float32Array.from(values, (value) => value / length)
}
