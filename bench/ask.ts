// What a question costs without a model that answers, over events that the real pipeline made.
import { createCachedEmbedder } from '../src/embed/cached-embedder.ts'
import { createEmbedder } from '../src/embed/create-embedder.ts'
import { registerModel } from '../src/embed/register-model.ts'
import { countBehind } from '../src/pipeline/lag.ts'
import { logsPipelineName } from '../src/pipeline/logs-pipeline.ts'
import { ask } from '../src/query/ask.ts'
import { makeQuestions } from './ask/questions.ts'
import { appendLines, openRig, type Rig, waitForIndexed } from './pipeline/log-rig.ts'
import { varyLines } from './pipeline/vary-lines.ts'
import { startWorkerProcess } from './pipeline/worker-process.ts'
import type { Benchmark, BenchmarkOptions, Figure } from './support/benchmark.ts'
import { peakRss, watchProcesses } from './support/memory.ts'
import { percentile } from './support/stats.ts'

const sizes = [10_000, 100_000, 1_000_000] as const

interface Sample {
  kind: string
  text: string
  isFirst: boolean
  ms: number
}

export const benchmark: Benchmark = {
  about: 'the time of an answer without a model, at 10 k, 100 k and 1 M events',
  needs: 'server',
  seconds: 20,
  rounds: 5,
  async run(options) {
    const { note } = options
    await using rig = await openRig()
    const { pool } = rig.db
    using server = rig.serverPid === undefined ? undefined : watchProcesses(rig.serverPid)
    const source = await createEmbedder(rig, undefined)
    const model = { id: await registerModel(pool, source), dimensions: source.dimensions }
    await using embedder = createCachedEmbedder({ pool, embedder: source, modelId: model.id })
    await embedder.warm?.()
    const countUnindexed = () => countBehind({ pool }, logsPipelineName)
    const deps = { pool, logger: rig.logger, embedder, model, countUnindexed }
    const bySize = new Map<number, Sample[]>()
    for (let index = 0, lap = 0, events = 0; index < sizes.length; index += 1) {
      const size = sizes[index] ?? 0
      lap = await grow(rig, options, { from: events, to: size, lap })
      events = size
      await pool.query('vacuum (analyze) millrace.event')
      const { rows } = await pool.query<{ now: Date; count: number }>(
        'select max(at) as now, count(*)::int as count from millrace.event',
      )
      const now = rows[0]?.now ?? new Date()
      note(`asking ${rows[0]?.count} events, as of ${now.toISOString()}`)
      const questions = await makeQuestions(pool)
      const samples: Sample[] = []
      const until = performance.now() + options.seconds * 1_000
      for (let round = 0; round < options.rounds; round += 1)
        for (const { kind, text } of questions) {
          if (round > 0 && performance.now() > until) break
          const started = performance.now()
          await ask(deps, { question: text, now, timeZone: 'UTC' })
          const ms = performance.now() - started
          samples.push({ kind, text, isFirst: round === 0, ms })
        }
      bySize.set(size, samples)
    }
    const largest = bySize.get(sizes.at(-1) ?? 0) ?? []
    const ms = largest.map((sample) => sample.ms)
    const figure = (value: number): Figure => ({ value, unit: 'ms', better: 'less' })
    const slowest = Map.groupBy(largest, (sample) => sample.text)
    return {
      title: 'ask: extracts, without a model',
      tables: [
        {
          title: 'ms an answer, all questions',
          columns: ['events', 'answers', 'p50', 'p99', 'max'],
          rows: [...bySize].map(([size, samples]) => [size, ...summary(samples)]),
        },
        {
          title: `ms an answer by kind, ${sizes.at(-1)} events`,
          columns: ['kind', 'answers', 'p50', 'p99', 'max'],
          rows: [
            ...[...Map.groupBy(largest, (sample) => sample.kind)].map(([kind, samples]) => [
              kind,
              ...summary(samples),
            ]),
            ['asked for the first time', ...summary(largest.filter((sample) => sample.isFirst))],
          ],
        },
        {
          title: 'the slowest questions, median ms',
          columns: ['question', 'kind', 'ms'],
          rows: [...slowest]
            .map(([text, samples]): [string, string, number] => [
              text,
              samples[0]?.kind ?? '',
              percentile(
                samples.map((sample) => sample.ms),
                0.5,
              ),
            ])
            .sort((a, b) => b[2] - a[2])
            .slice(0, 12),
        },
        {
          title: 'peak memory',
          columns: ['process', 'MiB'],
          rows: [
            ['benchmark (producer and asker)', peakRss()],
            ['PostgreSQL', server?.peakMib() ?? Number.NaN],
          ],
        },
      ],
      figures: {
        'ask p50 at 1M': figure(percentile(ms, 0.5)),
        'ask p99 at 1M': figure(percentile(ms, 0.99)),
        'ask max at 1M': figure(Math.max(...ms)),
      },
      versions: {},
      remarks: [
        'Events are made by the real pipeline; their own times span the hours that the lines name.',
        'A question that is asked again finds its embedding in the cache; the first time pays the model.',
      ],
    }
  },
}

function summary(samples: readonly Sample[]): number[] {
  const ms = samples.map((sample) => sample.ms)
  return [ms.length, percentile(ms, 0.5), percentile(ms, 0.99), Math.max(...ms)]
}

/** Lets the pipeline work more lines, until there are `to` events; returns the next lap of the lines. */
async function grow(
  rig: Rig,
  { lines, note }: BenchmarkOptions,
  step: { from: number; to: number; lap: number },
): Promise<number> {
  const worker = await startWorkerProcess(rig.db.url)
  const started = performance.now()
  let { from: events, lap } = step
  try {
    while (events < step.to) {
      const part = varyLines(lines.slice(0, step.to - events), lap)
      await appendLines(rig.producer, part)
      events += part.length
      lap += 1
    }
    await waitForIndexed(rig.db.pool)
  } finally {
    await worker.stop()
  }
  const seconds = (performance.now() - started) / 1_000
  note(`${step.to} events after ${seconds.toFixed(1)} s`)
  return lap
}
