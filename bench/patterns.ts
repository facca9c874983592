// Which rule tells a spike from a habit: precision and recall on series with known spikes.
import { type HabitName, habits, makeSeries } from './patterns/rate-series.ts'
import { score, spikeRules } from './patterns/spike-rules.ts'
import type { Benchmark, Figure } from './support/benchmark.ts'

const shapes = [
  { name: '7 d before 60 min', baselineMinutes: 10_080, windowMinutes: 60 },
  { name: '1 d before 15 min', baselineMinutes: 1_440, windowMinutes: 15 },
  { name: '1 h before 5 min', baselineMinutes: 60, windowMinutes: 5 },
  { name: '20 min before 10 min', baselineMinutes: 20, windowMinutes: 10 },
] as const
const names = Object.keys(habits) as HabitName[]
const percent = (share: number) => `${(100 * share).toFixed(1)} %`

export const benchmark: Benchmark = {
  about: 'how well rules tell spikes from habits, on generated series with known spikes',
  needs: 'embedded',
  seconds: 1,
  rounds: 30,
  async run({ rounds }) {
    const figures: Record<string, Figure> = {}
    const tables = shapes.map((shape) => {
      const made = names.map((name, seed) => makeSeries(name, shape, { count: rounds, seed }))
      const all = made.flat()
      const rows = Object.entries(spikeRules).map(([rule, isSpike]) => {
        const { precision, recall } = score(isSpike, all)
        if (rule === 'judgeRate') {
          figures[`precision, ${shape.name}`] = { value: precision, unit: 'share', better: 'more' }
          figures[`recall, ${shape.name}`] = { value: recall, unit: 'share', better: 'more' }
        }
        const each = made.map((series) => {
          const { alarms, quiet, recall } = score(isSpike, series)
          return `${percent(alarms / quiet)} / ${percent(recall)}`
        })
        return [rule, percent(precision), percent(recall), ...each]
      })
      return {
        title: `${shape.name}: all, then false alarms / recall of each habit`,
        columns: ['rule', 'precision', 'recall', ...names],
        rows,
      }
    })
    return {
      title: 'patterns: spikes among habits',
      tables,
      figures,
      versions: {},
      remarks: [
        'Half of the series, or a little less, have a spike: in a real log far fewer do, so false alarms weigh more.',
        'A spike is measured by the mean rate, so that one of 4 times is smaller than the hourly burst of its habit: no rule that knows the burst can find it.',
      ],
    }
  },
}
