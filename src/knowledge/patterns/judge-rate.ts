/** How often something happened, in units of equal length: one by one before the window, and all in all inside it. */
export interface RateSample {
  /** Counts of the units before the window, the oldest first. */
  baseline: readonly number[]
  /** Events in the window. */
  count: number
  /** The window's length in units; need not be whole. */
  length: number
  /** Units in a day. */
  day: number
}

export interface RateVerdict {
  verdict: 'spiking' | 'dropping' | 'usual'
  /** Events that a window of this length has at the baseline's mean rate. */
  expected: number
  /** How far the count is from that, in standard deviations of chance alone. */
  deviations: number
}

/** A change that matters is by this factor at least. */
const minFactor = 2
/** 4 standard deviations: by chance alone, one pattern in 30,000. */
const minDeviations = 4
/** An earlier stretch was like the window when its count comes within this factor of it. */
const likeness = 1.2
/** One earlier stretch like the window is forgiven, as an incident, in a baseline of this many windows. */
const forgivingWindows = 24
/** What the pattern is like for more than this share of its baseline is usual. */
const usualShare = 0.1

/**
 * Whether a pattern's rate in a window is far above, or below, what it was before. Two questions, both to be answered yes.
 * Is it more than chance? The count against the baseline's mean, by square roots, whose spread does not depend on the
 * rate; the mean of a short baseline is itself uncertain. And is it unusual for this pattern? A sliding window over the
 * baseline must not find stretches like it: more than one (bursts, a job every ten minutes or every hour), one at the
 * same time a day ago (a daily job), or any that lasts (the plateau of day and night). A stretch that runs into the window
 * is the same event and no objection. bench/patterns.ts compares this with simpler rules, on series with known spikes.
 */
export function judgeRate({ baseline, count, length, day }: RateSample): RateVerdict {
  const before = baseline.reduce((sum, value) => sum + value, 0)
  if (baseline.length === 0) return { verdict: 'usual', expected: 0, deviations: 0 }
  const expected = (before / baseline.length) * length
  const spread = Math.sqrt(1 + length / baseline.length)
  const { change, deviations } = compareCounts(count, expected, spread)
  const judged = (verdict: RateVerdict['verdict']) => ({ verdict, expected, deviations })
  // Where not even one whole window was seen, nothing can be said of what is missing.
  if (change === null || (change === 'dropping' && baseline.length < length)) return judged('usual')
  const isLike = (sum: number) =>
    change === 'spiking' ? sum * likeness >= count : sum <= count * likeness
  return judged(isUsual({ baseline, length, day }, isLike) ? 'usual' : change)
}

/** Whether a count is far from the expected one, by factor and beyond chance; `spread` is more than 1 where that is unsure. */
export function compareCounts(
  count: number,
  expected: number,
  spread = 1,
): { change: 'spiking' | 'dropping' | null; deviations: number } {
  const deviations = (2 * (Math.sqrt(count) - Math.sqrt(expected))) / spread
  const isMore = count >= minFactor * expected && deviations >= minDeviations
  const isLess = count * minFactor <= expected && deviations <= -minDeviations
  return { change: isMore ? 'spiking' : isLess ? 'dropping' : null, deviations }
}

/** Whether the baseline has stretches of the window's length that are like it. */
function isUsual(
  { baseline, length, day }: Omit<RateSample, 'count'>,
  isLike: (sum: number) => boolean,
): boolean {
  const size = Math.max(1, Math.round(length))
  const { runs, units, positions } = findRuns(baseline, size, isLike)
  if (units > baseline.length * usualShare) return true
  const earlier = runs.filter((run) => run.end < positions - 2 * size)
  if (earlier.length > (baseline.length >= forgivingWindows * size ? 1 : 0)) return true
  // The window itself would be at the position behind the last by its own size.
  const yesterday = positions - 1 + size - day
  return runs.some((run) => run.start <= yesterday + size && run.end >= yesterday - size)
}

/** The stretches of positions at which a sliding window is like what is sought; those less than a window apart are one. */
function findRuns(baseline: readonly number[], size: number, isLike: (sum: number) => boolean) {
  const runs: { start: number; end: number }[] = []
  let sum = 0
  let units = 0
  for (const [index, value] of baseline.entries()) {
    sum += value - (baseline[index - size] ?? 0)
    const start = index - size + 1
    if (start < 0 || !isLike(sum)) continue
    const last = runs.at(-1)
    units += last && start - last.end <= size ? start - last.end : 1
    if (last && start - last.end <= size) last.end = start
    else runs.push({ start, end: start })
  }
  return { runs, units, positions: Math.max(0, baseline.length - size + 1) }
}
