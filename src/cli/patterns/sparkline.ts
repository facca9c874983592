const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** Counts as a line of bars, the highest a whole one; a space where there was nothing. */
export function sparkline(counts: readonly number[]): string {
  const highest = counts.reduce((most, count) => Math.max(most, count), 0)
  return counts
    .map((count) => (count === 0 ? ' ' : bars[Math.ceil((count / highest) * bars.length) - 1]))
    .join('')
}
