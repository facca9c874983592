/** Whole tokens for each weight, in proportion; what rounding leaves over is the first's, so that the sum is exact. */
export function splitTokens(tokens: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const shares = weights.map((weight) => (sum === 0 ? 0 : Math.floor((tokens * weight) / sum)))
  const rest = tokens - shares.reduce((total, share) => total + share, 0)
  return shares.map((share, place) => (place === 0 ? share + rest : share))
}
