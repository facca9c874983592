/** The value below which `share` (0 to 1) of the numbers lie; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

/** The spread of the rounds, `lowest-highest`, with thousands separated. */
export function spread(values: readonly number[]): string {
  const text = (value: number) => Math.round(value).toLocaleString('en')
  return values.length < 2 ? '' : `${text(Math.min(...values))}-${text(Math.max(...values))}`
}
