// Redaction: what it misses, what it takes by mistake, and how fast it is. `--lines DIR` adds the folder's log lines to
// the clean ones: whatever it finds there is to be looked at by a person.

import { redactText } from '../src/pipeline/steps/redact/redact-text.ts'
import { makeCleanLines } from '../test/support/redaction/clean-lines.ts'
import { makeSecretLines } from '../test/support/redaction/secret-lines.ts'
import type { Benchmark } from './support/benchmark.ts'

const seed = 20_261_127
const rounds = 4
const cleanLines = 6_000

export const benchmark: Benchmark = {
  about: 'secrets that are left, clean lines that are changed, and megabytes a second',
  needs: 'embedded',
  seconds: 2,
  rounds: 3,
  async run(options) {
    const secrets = makeSecretLines(seed, rounds)
    const leaks = secrets.filter(({ secret, line }) => redactText(line).text.includes(secret))
    const clean = [...makeCleanLines(seed, cleanLines), ...options.lines.map(({ text }) => text)]
    const alarms: Record<string, number> = {}
    let changed = 0
    for (const line of clean) {
      const { text, counts } = redactText(line)
      if (text === line) continue
      changed += 1
      for (const rule of Object.keys(counts)) alarms[rule] = (alarms[rule] ?? 0) + 1
    }
    const kinds = new Set(secrets.map(({ kind }) => kind)).size
    const speed = measure(clean, options)
    return {
      title: 'Redaction: leaks, false alarms, speed',
      tables: [
        {
          title: 'What is missed, and what is taken by mistake',
          columns: ['what', 'lines', 'wrong', 'by rule or kind'],
          rows: [
            ['secrets', secrets.length, leaks.length, tally(leaks.map(({ kind }) => kind))],
            ['clean', clean.length, changed, describe(alarms)],
          ],
        },
        {
          title: 'Speed over the clean lines',
          columns: ['speed', 'MB/s', 'us a line'],
          rows: [['text', speed.rate, speed.usPerLine]],
        },
      ],
      figures: {
        leaks: { value: leaks.length, unit: 'lines', better: 'less' },
        falseAlarms: { value: changed, unit: 'lines', better: 'less' },
        rate: { value: Number(speed.rate), unit: 'MB/s', better: 'more' },
      },
      versions: {},
      remarks: [`${kinds} kinds of secrets, each in ${rounds} lines; seed ${seed}`],
    }
  },
}

/** CPU time of this thread, the best round. */
function measure(lines: readonly string[], options: { seconds: number; rounds: number }) {
  const bytes = lines.reduce((sum, line) => sum + line.length, 0)
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + options.seconds * options.rounds * 1_000
  do {
    const start = process.threadCpuUsage()
    for (const line of lines) redactText(line)
    const { user, system } = process.threadCpuUsage(start)
    best = Math.min(best, user + system)
  } while (performance.now() < end)
  return { rate: (bytes / best).toFixed(1), usPerLine: (best / lines.length).toFixed(2) }
}

function tally(names: readonly string[]): string {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return describe(counts)
}

function describe(counts: Record<string, number>): string {
  const shown = Object.entries(counts).map(([name, count]) => `${name} ${count}`)
  return shown.length === 0 ? 'none' : shown.join(', ')
}
