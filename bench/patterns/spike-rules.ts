import { judgeRate } from '../../src/knowledge/patterns/judge-rate.ts'
import type { RateSeries } from './rate-series.ts'

/** Says whether a window is a spike, from the counts alone. */
export type SpikeRule = (series: Omit<RateSeries, 'isSpike'>) => boolean

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

/** What the window has, and what the baseline's mean makes of it. */
function compare({ baseline, window }: Omit<RateSeries, 'isSpike'>) {
  return { count: sum(window), expected: (sum(baseline) / baseline.length) * window.length }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** The rule that Millrace has, and those that people write first. */
export const spikeRules: Readonly<Record<string, SpikeRule>> = {
  judgeRate: ({ baseline, window }) =>
    judgeRate({ baseline, count: sum(window), length: window.length, day: 1_440 }).verdict ===
    'spiking',
  'three times the mean': (series) => {
    const { count, expected } = compare(series)
    return count >= 5 && count >= 3 * expected
  },
  'twice and 5 sigma (Poisson)': (series) => {
    const { count, expected } = compare(series)
    return count >= 2 * expected && 2 * (Math.sqrt(count) - Math.sqrt(expected)) >= 5
  },
  'median + 6 MAD of windows': ({ baseline, window }) => {
    const size = window.length
    const earlier: number[] = []
    for (let end = baseline.length; end >= size; end -= size)
      earlier.push(sum(baseline.slice(end - size, end)))
    const middle = median(earlier)
    const spread = 1.4826 * median(earlier.map((count) => Math.abs(count - middle)))
    const count = sum(window)
    return (
      count >= 5 &&
      count >= 2 * middle &&
      count - middle >= 6 * Math.max(spread, Math.sqrt(middle), 1)
    )
  },
}

/** How a rule does over series: false alarms of those without a spike, recall of those with one, and precision of what it says. */
export function score(rule: SpikeRule, series: readonly RateSeries[]) {
  const spikes = series.filter((one) => one.isSpike).length
  const found = series.filter(rule)
  const hits = found.filter((one) => one.isSpike).length
  const alarms = found.length - hits
  return {
    hits,
    alarms,
    spikes,
    quiet: series.length - spikes,
    precision: hits + alarms === 0 ? 1 : hits / (hits + alarms),
    recall: hits / spikes,
  }
}
