import { createLogger } from '../../src/base/logger.ts'
import { createBuiltinEmbedder } from '../../src/embed/builtin/builtin-embedder.ts'
import type { BenchmarkOptions, Report } from '../support/benchmark.ts'
import type { BenchLine } from '../support/lines.ts'
import { peakRss, watchProcesses } from '../support/memory.ts'
import { median, spread } from '../support/stats.ts'
import { appendLines, type Rig, waitForIndexed } from './log-rig.ts'
import { measureStages, stageNames } from './stages.ts'
import { varyLines } from './vary-lines.ts'
import { startWorkerProcess } from './worker-process.ts'

/** What a turn is made for: at the budget's rate it lasts about `seconds`. */
const linesPerSecond = 20_000
const stageLines = 24_000

/** From the log to what can be searched: the built-in pipeline with the built-in model, in processes of its own. */
export async function runLogsPart(
  rig: Rig,
  options: BenchmarkOptions,
): Promise<Pick<Report, 'tables' | 'figures' | 'remarks'>> {
  const { rounds, note } = options
  const { pool } = rig.db
  using server = rig.serverPid === undefined ? undefined : watchProcesses(rig.serverPid)
  const laps = createLaps(options)
  note('starting a worker and its model')
  const workers = [await startWorkerProcess(rig.db.url)]
  const turns = new Map<string, number[]>()
  const add = (name: string, lines: number, ms: number) => {
    const rate = (lines / ms) * 1_000
    turns.set(name, [...(turns.get(name) ?? []), rate])
    note(`${name}: ${rate.toFixed(0)} lines/s`)
  }
  try {
    await appendLines(rig.producer, laps.warmUp())
    await waitForIndexed(pool)
    const before = await countKnown(rig)
    for (let round = 0; round < rounds; round += 1) {
      await measureOneByOne(rig, workers, laps.next(), add)
      await measureTogether(rig, 'together, 1 worker', laps.next(), add)
    }
    workers.push(await startWorkerProcess(rig.db.url))
    await appendLines(rig.producer, laps.warmUp())
    await waitForIndexed(pool)
    for (let round = 0; round < rounds; round += 1)
      await measureTogether(rig, 'together, 2 workers', laps.next(), add)
    const after = await countKnown(rig)
    const peaks = await Promise.all(workers.map((worker) => worker.peakMib()))
    const withModel = Math.max(...workers.map((worker) => worker.peakWithModelMib()))
    for (const worker of workers.splice(0)) await worker.stop()

    note('embedding lines, one by one')
    const embedding = await embedLines(options)
    note('timing the stages')
    const stages = await measureStages(pool, { lines: stageLines })
    const rate = (name: string) => median(turns.get(name) ?? [])
    const indexed = rate('pipeline alone, 1 worker')
    const lines = after.events - before.events
    return {
      tables: [
        {
          title: 'lines/s, real built-in model, 4 shards',
          columns: ['what', 'lines/s', 'rounds', 'x embedding every line'],
          rows: [
            ...[...turns].map(([name, rates]) => [
              name,
              median(rates),
              spread(rates),
              name.startsWith('append') ? '' : median(rates) / embedding.rate,
            ]),
            [`embedding each line (${embedding.lines} lines)`, embedding.rate, '', 1],
          ],
        },
        {
          title: 'what was embedded',
          columns: ['lines', 'patterns', 'embeddings', 'lines per embedding'],
          rows: [[lines, after.patterns, after.embeddings, lines / Math.max(1, after.embeddings)]],
        },
        {
          title: 'wall time a line, one stage after the other, batches of 2,000',
          columns: ['stage', 'us/line'],
          rows: [
            ...stageNames.map((name) => [name, stages[name]]),
            ['sum', stageNames.reduce((sum, name) => sum + stages[name], 0)],
          ],
        },
        {
          title: 'peak memory',
          columns: ['process', 'MiB'],
          rows: [
            ['benchmark and producer', peakRss()],
            ['a worker', Math.max(...peaks)],
            ['a worker with its model', withModel],
            ['PostgreSQL', server?.peakMib() ?? Number.NaN],
          ],
        },
      ],
      figures: {
        'pipeline alone': { value: indexed, unit: 'lines/s', better: 'more' },
        'append and pipeline together': {
          value: rate('together, 1 worker'),
          unit: 'lines/s',
          better: 'more',
        },
        'pipeline / embedding every line': {
          value: indexed / embedding.rate,
          unit: 'x',
          better: 'more',
        },
        'lines per embedding': {
          value: lines / Math.max(1, after.embeddings),
          unit: 'lines',
          better: 'more',
        },
        'worker peak': { value: Math.max(...peaks), unit: 'MiB', better: 'less' },
      },
      remarks: [
        '"then" appends first and lets the worker work afterwards; "end to end" is both times together. "together" is timed from the first put to the commit of the last event, with both at work.',
        'The worker is `millrace worker` in a process of its own; ids and numbers in the lines differ from turn to turn.',
      ],
    }
  } finally {
    for (const worker of workers) await worker.stop()
  }
}

type Add = (name: string, lines: number, ms: number) => void

/** Appends with the worker stopped, then works what is there. */
async function measureOneByOne(
  rig: Rig,
  workers: { pid: number }[],
  lines: readonly BenchLine[],
  add: Add,
): Promise<void> {
  for (const worker of workers) process.kill(worker.pid, 'SIGSTOP')
  const started = performance.now()
  await appendLines(rig.producer, lines)
  const appended = performance.now()
  for (const worker of workers) process.kill(worker.pid, 'SIGCONT')
  await waitForIndexed(rig.db.pool)
  const indexed = performance.now()
  add('append alone', lines.length, appended - started)
  add('pipeline alone, 1 worker', lines.length, indexed - appended)
  add('end to end: append, then pipeline', lines.length, indexed - started)
}

async function measureTogether(
  rig: Rig,
  name: string,
  lines: readonly BenchLine[],
  add: Add,
): Promise<void> {
  const started = performance.now()
  await appendLines(rig.producer, lines)
  await waitForIndexed(rig.db.pool)
  add(name, lines.length, performance.now() - started)
}

/** The lines of each turn, made before it. */
function createLaps({ lines, seconds }: BenchmarkOptions) {
  const wanted = Math.ceil(seconds * linesPerSecond)
  let lap = 0
  const next = () => {
    const made: BenchLine[] = []
    while (made.length < wanted) {
      made.push(...varyLines(lines.slice(0, wanted - made.length), lap))
      lap += 1
    }
    return made
  }
  return { next, warmUp: () => varyLines(lines.slice(0, 2_000), lap++) }
}

async function embedLines({ lines, seconds }: BenchmarkOptions) {
  const logger = createLogger({ level: 'error' })
  await using embedder = createBuiltinEmbedder({ logger })
  await embedder.embed(lines.slice(0, 32).map((line) => line.text))
  const started = performance.now()
  let count = 0
  while (performance.now() - started < seconds * 1_000 && count < lines.length) {
    const part = lines.slice(count, count + 256)
    await embedder.embed(part.map((line) => line.text))
    count += part.length
  }
  return { lines: count, rate: (count / (performance.now() - started)) * 1_000 }
}

async function countKnown(rig: Rig) {
  const { rows } = await rig.db.pool.query<{
    events: number
    patterns: number
    embeddings: number
  }>(
    `select (select count(*) from millrace.event)::int as events,
            (select count(*) from millrace.pattern)::int as patterns,
            (select count(*) from millrace.embedding_cache)::int as embeddings`,
  )
  return rows[0] ?? { events: 0, patterns: 0, embeddings: 0 }
}
