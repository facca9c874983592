import { createRandom, type Random } from '../../examples/incident/random.ts'

/** Counts a minute before a window and in it, and whether the window holds more than the pattern's habit explains. */
export interface RateSeries {
  baseline: number[]
  window: number[]
  isSpike: boolean
}

export interface SeriesShape {
  baselineMinutes: number
  windowMinutes: number
}

/** Minute by minute, the events of a pattern whose mean rate is about `rate`. */
type Habit = (draw: Draw, rate: number, baselineMinutes: number) => (minute: number) => number

/** What patterns of logs do when nothing is the matter. */
export const habits = {
  /** Chance alone. */
  steady: (draw, rate) => () => draw.poisson(rate),
  /** Negative binomial: variance of the rate as large as twice its square. */
  bursty: (draw, rate) => () => draw.poisson(rate * 2 * draw.gamma(0.5)),
  'every 10 min': (draw, rate) => {
    const phase = draw.random.int(0, 9)
    return (minute) => (minute % 10 === phase ? draw.poisson(10 * rate) : 0)
  },
  'every hour': (draw, rate) => {
    const phase = draw.random.int(0, 59)
    return (minute) => ((minute + 60 - phase) % 60 < 3 ? draw.poisson(20 * rate) : 0)
  },
  'every day': (draw, rate) => {
    const phase = draw.random.int(0, 1_439)
    return (minute) =>
      draw.poisson(rate * 0.2) +
      ((minute + 1_440 - phase) % 1_440 < 10 ? draw.poisson(40 * rate) : 0)
  },
  'day and night': (draw, rate) => {
    const phase = draw.random.int(0, 1_439)
    return (minute) =>
      draw.poisson(rate * (1 + 0.9 * Math.sin((2 * Math.PI * (minute - phase)) / 1_440)))
  },
  /** Steady but for twenty minutes at eight times its rate, long ago. */
  'with a past': (draw, rate, baselineMinutes) => {
    const at = baselineMinutes * (0.2 + 0.5 * draw.random.next())
    return (minute) => draw.poisson(rate * (minute >= at && minute < at + 20 ? 8 : 1))
  },
  growing: (draw, rate, baselineMinutes) => (minute) =>
    draw.poisson(rate * (1 + (0.5 * minute) / baselineMinutes)),
} as const satisfies Record<string, Habit>

export type HabitName = keyof typeof habits

const rates = [0.05, 0.5, 5, 50] as const
const factors = [4, 8, 20] as const

/**
 * Series of a habit: as many without a spike as there are rates times `count`, and with one: 4, 8 or 20 times the events
 * that the mean rate gives the window, over all of it or in a quarter. Spikes of fewer than ten events are left out. The
 * same seed gives the same series.
 */
export function makeSeries(
  habit: HabitName,
  { baselineMinutes, windowMinutes }: SeriesShape,
  options: { count: number; seed: number },
): RateSeries[] {
  const draw = createDraw(options.seed)
  const made: RateSeries[] = []
  for (const rate of rates)
    for (let index = 0; index < options.count; index++) {
      const factor = factors[index % factors.length] ?? 4
      for (const isSpike of [false, true]) {
        const extra = rate * (factor - 1) * windowMinutes
        if (isSpike && extra < 10) continue
        const next = habits[habit](draw, rate, baselineMinutes)
        const baseline = Array.from({ length: baselineMinutes }, (_, minute) => next(minute))
        const burst = index % 2 === 0 ? windowMinutes : Math.ceil(windowMinutes / 4)
        const start = draw.random.int(0, windowMinutes - burst)
        const window = Array.from({ length: windowMinutes }, (_, minute) => {
          const isIn = isSpike && minute >= start && minute < start + burst
          return next(baselineMinutes + minute) + (isIn ? draw.poisson(extra / burst) : 0)
        })
        made.push({ baseline, window, isSpike })
      }
    }
  return made
}

interface Draw {
  random: Random
  poisson(mean: number): number
  /** Mean `shape`, variance `shape`. */
  gamma(shape: number): number
}

function createDraw(seed: number): Draw {
  const random = createRandom(seed)
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  const poisson = (mean: number) => {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const limit = Math.exp(-Math.max(0, mean))
    let events = -1
    for (let product = 1; product > limit || events < 0; product *= random.next()) events += 1
    return Math.max(0, events)
  }
  /** Marsaglia and Tsang. */
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - random.next()) ** (1 / shape)
    const d = shape - 1 / 3
    for (;;) {
      const x = normal()
      const v = (1 + x / Math.sqrt(9 * d)) ** 3
      if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return d * v
    }
  }
  return { random, poisson, gamma }
}
