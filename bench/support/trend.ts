import { appendFile, readFile } from 'node:fs/promises'
import type { Figure } from './benchmark.ts'
import type { Table } from './table.ts'

/** One run's figures, as a line of bench/trend.jsonl. */
export interface TrendEntry {
  at: string
  benchmark: string
  commit: string
  cpu: string
  figures: Record<string, Figure>
}

const file = new URL('../trend.jsonl', import.meta.url)

/** The newest kept run of a benchmark, if there is one. */
export async function lastEntry(benchmark: string): Promise<TrendEntry | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrendEntry)
    .findLast((entry) => entry.benchmark === benchmark)
}

export async function keepEntry(entry: TrendEntry): Promise<void> {
  await appendFile(file, `${JSON.stringify(entry)}\n`)
}

/** What became slower and what faster since a kept run; within 15 % is noise on a small machine. */
export function compareEntries(before: TrendEntry, now: TrendEntry): Table {
  const rows = Object.entries(now.figures).flatMap(([name, { value, unit, better }]) => {
    const old = before.figures[name]
    if (!old || old.unit !== unit || old.value === 0) return []
    const change = value / old.value - 1
    const gain = better === 'more' ? change : -change
    const verdict = gain < -0.15 ? 'SLOWER' : gain > 0.15 ? 'faster' : 'same'
    const percent = `${change >= 0 ? '+' : ''}${(change * 100).toFixed(0)} %`
    return [[name, unit, old.value, value, percent, verdict]]
  })
  return {
    title: `against ${before.at.slice(0, 10)}, ${before.commit}, ${before.cpu}`,
    columns: ['figure', 'unit', 'then', 'now', 'change', 'verdict'],
    rows,
  }
}
