import { describe, expect, it } from 'vitest'
import { type HabitName, habits, makeSeries } from '../../../bench/patterns/rate-series.ts'
import { score, spikeRules } from '../../../bench/patterns/spike-rules.ts'
import { judgeRate } from '../../../src/knowledge/patterns/judge-rate.ts'

const day = 1_440
const steady = (minutes: number, count: number) => new Array<number>(minutes).fill(count)
const verdict = (baseline: readonly number[], count: number, length = 10) =>
  judgeRate({ baseline, count, length, day }).verdict

/** One minute of every `period` has `count` events. */
const periodic = (minutes: number, period: number, count: number) =>
  Array.from({ length: minutes }, (_, minute) => (minute % period === 3 ? count : 0))

const rule = spikeRules.judgeRate ?? (() => false)
const naive = spikeRules['three times the mean'] ?? (() => false)
const names = Object.keys(habits) as HabitName[]

describe('a rate is', () => {
  it('spiking when it is far above its own, dropping when it is far below', () => {
    expect(verdict(steady(300, 4), 160)).toBe('spiking')
    expect(verdict(steady(300, 4), 44)).toBe('usual')
    expect(verdict(steady(300, 20), 60)).toBe('dropping')
    expect(verdict(steady(300, 20), 180)).toBe('usual')
  })

  it('compared with the mean of the baseline, at the length of the window', () => {
    const { expected, deviations } = judgeRate({
      baseline: steady(300, 4),
      count: 40,
      length: 10,
      day,
    })
    expect([expected, deviations]).toEqual([40, 0])
  })

  it('usual where events are too few to tell it from chance', () => {
    expect(verdict([...steady(299, 0), 1], 3)).toBe('usual')
    expect(verdict(steady(300, 0), 3)).toBe('usual')
    expect(verdict(steady(300, 0), 30)).toBe('spiking')
    expect(verdict(steady(300, 1), 4)).toBe('usual')
  })

  it('usual without a baseline, and missing only where a whole window was seen', () => {
    expect(verdict([], 1_000)).toBe('usual')
    expect(verdict(steady(9, 100), 10)).toBe('usual')
    expect(verdict(steady(10, 100), 10)).toBe('dropping')
  })

  it('usual for what bursts every ten minutes or every hour, whichever part the window has', () => {
    expect(verdict(periodic(600, 10, 50), 50, 5)).toBe('usual')
    expect(verdict(periodic(600, 10, 50), 0, 5)).toBe('usual')
    expect(verdict(periodic(600, 60, 50), 50, 5)).toBe('usual')
    expect(verdict(periodic(600, 60, 50), 500, 5)).toBe('spiking')
  })

  it('usual for what happens at the same time each day, also where one day is known', () => {
    const once = steady(day, 0)
    once.fill(50, 2, 6)
    expect(verdict(once, 200, 10)).toBe('usual')
    const other = steady(day, 0)
    other.fill(50, 700, 704)
    expect(verdict(other, 200, 10)).toBe('spiking')
  })

  it('forgiven one incident of the past, and no more', () => {
    const once = steady(600, 4)
    once.fill(40, 100, 120)
    expect(verdict(once, 400)).toBe('spiking')
    const twice = [...once]
    twice.fill(40, 300, 320)
    expect(verdict(twice, 400)).toBe('usual')
  })

  it('still spiking when the spike began before the window', () => {
    const ongoing = steady(600, 4)
    ongoing.fill(40, 580, 600)
    expect(verdict(ongoing, 400)).toBe('spiking')
  })
})

describe('on series with known spikes', () => {
  const shapes = [
    { baselineMinutes: 1_440, windowMinutes: 60, least: { precision: 0.98, recall: 0.95 } },
    { baselineMinutes: 1_440, windowMinutes: 15, least: { precision: 0.98, recall: 0.75 } },
    { baselineMinutes: 120, windowMinutes: 10, least: { precision: 0.93, recall: 0.75 } },
  ]
  it.each(shapes)(
    'of $windowMinutes min after $baselineMinutes min it finds most, and little else',
    (shape) => {
      const series = names.flatMap((name, seed) => makeSeries(name, shape, { count: 6, seed }))
      const { precision, recall } = score(rule, series)
      expect(precision).toBeGreaterThanOrEqual(shape.least.precision)
      expect(recall).toBeGreaterThanOrEqual(shape.least.recall)
    },
  )

  it('raises fewer false alarms at jobs that come again and again than a ratio does', () => {
    const shape = { baselineMinutes: 1_440, windowMinutes: 5 }
    const series = (['every 10 min', 'every hour', 'bursty'] as const).flatMap((name, seed) =>
      makeSeries(name, shape, { count: 12, seed }),
    )
    expect(score(rule, series).alarms).toBeLessThanOrEqual(1)
    expect(score(naive, series).alarms).toBeGreaterThanOrEqual(5)
  })
})
