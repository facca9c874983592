// `npm run bench -- NAME [--seconds N] [--rounds N] [--json FILE] [--lines DIR] [--keep]`: runs one benchmark and prints
// its tables. Without DATABASE_URL it starts a throwaway PostgreSQL of .ci/native-postgres.sh and removes it afterwards.
// --keep adds the run's figures to bench/trend.jsonl; every run is compared with the newest one kept.
import { spawn } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { messageOf } from '../src/base/errors.ts'
import type { Benchmark } from './support/benchmark.ts'
import { loadLines } from './support/lines.ts'
import { describeMachine } from './support/machine.ts'
import { renderTable } from './support/table.ts'
import { compareEntries, keepEntry, lastEntry, type TrendEntry } from './support/trend.ts'

const usage =
  'npm run bench -- NAME [--seconds N] [--rounds N] [--json FILE] [--lines DIR] [--keep]'

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'string' },
      lines: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const names = await benchmarkNames()
  const [name] = positionals
  if (positionals.length !== 1 || name === undefined || !names.includes(name)) {
    const found = name === undefined ? 'none' : `"${positionals.join(' ')}"`
    throw new Error(`expected one benchmark of ${names.join(', ')}, got ${found}\nusage: ${usage}`)
  }
  const { benchmark } = (await import(`./${name}.ts`)) as { benchmark: Benchmark }
  const seconds = positive('seconds', values.seconds, benchmark.seconds)
  const rounds = positive('rounds', values.rounds, benchmark.rounds)
  if (benchmark.needs === 'server' && process.env.DATABASE_URL === undefined)
    return onThrowawayServer(args)

  const note = (text: string) => process.stderr.write(`bench: ${text}\n`)
  const lines = await loadLines(values.lines)
  const machine = describeMachine()
  note(`${name}: ${benchmark.about}`)
  const report = await benchmark.run({ seconds, rounds, lines, note })
  const entry: TrendEntry = {
    at: new Date().toISOString(),
    benchmark: name,
    commit: machine.commit ?? '',
    cpu: machine.cpu ?? '',
    figures: report.figures,
  }
  const bytes = lines.reduce((sum, line) => sum + line.data.length, 0) / lines.length
  const facts = {
    ...machine,
    ...report.versions,
    lines: `${values.lines ?? 'made'}, ${bytes.toFixed(0)} B on average`,
    turns: `${rounds} x ${seconds} s`,
  }
  console.log(`\n## ${report.title}\n`)
  for (const table of report.tables) console.log(`${renderTable(table)}\n`)
  for (const remark of report.remarks) console.log(`- ${remark}`)
  console.log(
    `- ${Object.entries(facts)
      .map(([key, value]) => `${key} ${value}`)
      .join(' · ')}\n`,
  )
  const before = await lastEntry(name)
  if (before) console.log(`${renderTable(compareEntries(before, entry))}\n`)
  if (values.keep) await keepEntry(entry)
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify({ ...entry, ...report, facts }, null, 2)}\n`)
  return 0
}

async function benchmarkNames(): Promise<string[]> {
  const files = await readdir(new URL('.', import.meta.url))
  return files
    .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
}

function positive(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`expected --${name} to be a number above 0, got "${text}"`)
}

/** Runs this very command again beside a fresh server, which knows nothing and is removed at the end. */
function onThrowawayServer(args: string[]): Promise<number> {
  const script = fileURLToPath(new URL('../.ci/native-postgres.sh', import.meta.url))
  const command = [process.execPath, fileURLToPath(import.meta.url), ...args]
  const child = spawn('bash', [script, ...command], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`)
  process.exitCode = 2
}
