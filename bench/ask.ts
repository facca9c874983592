// What a question costs without a model that answers, over events that the real pipeline made.
import { createCachedEmbedder } from '../src/embed/cached-embedder.ts'
import { createEmbedder } from '../src/embed/create-embedder.ts'
import { registerModel } from '../src/embed/register-model.ts'
import { countBehind } from '../src/pipeline/lag.ts'
import { logsPipelineName } from '../src/pipeline/logs-pipeline.ts'
import { type AskDeps, ask } from '../src/query/ask.ts'
import { makeQuestions } from './ask/questions.ts'
import { growEvents } from './pipeline/grow-events.ts'
import { openRig } from './pipeline/log-rig.ts'
import type { Benchmark, BenchmarkOptions, Figure } from './support/benchmark.ts'
import { peakRss, watchProcesses } from './support/memory.ts'
import { percentile } from './support/stats.ts'

const sizes = [10_000, 100_000, 1_000_000] as const
/** What makes the events of one size may take; then the questions are asked of what there is. */
const growMs = 300_000
/** What is not asked within this many times the measured seconds is left out, and the report says so. */
const patience = 4

interface Sample {
  /** Events that were asked. */
  events: number
  kind: string
  text: string
  isFirst: boolean
  ms: number
}

export const benchmark: Benchmark = {
  about: 'the time of an answer without a model, at 10 k, 100 k and 1 M events',
  needs: 'server',
  seconds: 8,
  rounds: 1,
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
    const samples: Sample[] = []
    const cut: string[] = []
    let lap = 0
    let events = 0
    for (const size of sizes) {
      const step = { from: events, to: size, lap, withinMs: growMs }
      const grown = await growEvents(rig, options, step)
      const { now } = grown
      lap = grown.lap
      events = grown.events
      // What is asked for the first time pays for its vector at every size.
      await pool.query('truncate millrace.embedding_cache')
      note(`asking ${events} events, as of ${now.toISOString()}`)
      if (events < size) cut.push(`${events} events instead of ${size} after ${growMs / 1_000} s`)
      cut.push(...(await askAll(deps, options, { events, now, samples })))
      if (events < size) break
    }
    const largest = samples.filter((sample) => sample.events === events)
    return {
      title: 'ask: extracts, without a model',
      tables: [
        {
          title: 'ms an answer, all questions',
          columns: ['events', 'asked', 'answers', 'p50', 'p99', 'max'],
          rows: [...Map.groupBy(samples, (sample) => sample.events)].flatMap(([count, asked]) =>
            [true, false].map((isFirst) => [
              count,
              isFirst ? 'for the first time' : 'again',
              ...summary(asked.filter((sample) => sample.isFirst === isFirst)),
            ]),
          ),
        },
        {
          title: 'ms an answer by kind, first or again',
          columns: ['kind', 'events', 'answers', 'p50', 'p99', 'max'],
          rows: [...Map.groupBy(samples, (sample) => sample.kind)].flatMap(([kind, ofKind]) =>
            [...Map.groupBy(ofKind, (sample) => sample.events)].map(([count, asked]) => [
              kind,
              count,
              ...summary(asked),
            ]),
          ),
        },
        {
          title: `the slowest questions of ${events} events, ms`,
          columns: ['question', 'kind', 'first', 'again'],
          rows: slowest(largest),
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
      figures: events === sizes.at(-1) ? figuresOf(largest) : {},
      versions: {},
      remarks: [
        'Events are made by the real pipeline; their own times span the hours that the lines name.',
        'Asked again, a question finds its embedding in the cache; the first time pays the model.',
        ...cut.map((part) => `Cut short: ${part}.`),
      ],
    }
  },
}

/** Asks every question once, then again for as many rounds as time allows; returns what was cut short. */
async function askAll(
  deps: AskDeps,
  { rounds, seconds }: BenchmarkOptions,
  { events, now, samples }: { events: number; now: Date; samples: Sample[] },
): Promise<string[]> {
  const questions = await makeQuestions(deps.pool)
  const started = performance.now()
  for (let round = 0; round <= rounds; round += 1) {
    const limit = seconds * 1_000 * (round === 0 ? patience : 1)
    for (const [index, { kind, text }] of questions.entries()) {
      const before = performance.now()
      if (before - started > limit)
        return [`${index} of ${questions.length} questions in round ${round} at ${events} events`]
      await ask(deps, { question: text, now, timeZone: 'UTC' })
      const ms = performance.now() - before
      samples.push({ events, kind, text, isFirst: round === 0, ms })
    }
  }
  return []
}

function summary(samples: readonly Sample[]): number[] {
  const ms = samples.map((sample) => sample.ms)
  return [
    ms.length,
    percentile(ms, 0.5),
    percentile(ms, 0.99),
    ms.length > 0 ? Math.max(...ms) : Number.NaN,
  ]
}

function slowest(samples: readonly Sample[]): [string, string, number, number][] {
  return [...Map.groupBy(samples, (sample) => sample.text)]
    .map(([text, asked]): [string, string, number, number] => {
      const of = (isFirst: boolean) =>
        percentile(
          asked.filter((sample) => sample.isFirst === isFirst).map((sample) => sample.ms),
          0.5,
        )
      return [text, asked[0]?.kind ?? '', of(true), of(false)]
    })
    .sort((a, b) => Math.max(b[2], b[3] || 0) - Math.max(a[2], a[3] || 0))
    .slice(0, 12)
}

/** Of all answers at the largest size, the first ones included. */
function figuresOf(samples: readonly Sample[]): Record<string, Figure> {
  const [, p50 = 0, p99 = 0, max = 0] = summary(samples)
  const figure = (value: number): Figure => ({ value, unit: 'ms', better: 'less' })
  return {
    'ask p50 at 1M': figure(p50),
    'ask p99 at 1M': figure(p99),
    'ask max at 1M': figure(max),
  }
}
