// Whether the vector index stays healthy while patterns come and go: 100 simulated hours of deploy-like churn, of which
// retention keeps 24. What retires is the product's own code and what asks is its own query; the truth is found by
// comparing all vectors. Vectors of questions, and of the parts of statements, are the built-in model's.
import type { Pool } from 'pg'
import { createLogger } from '../src/base/logger.ts'
import { createEmbedder } from '../src/embed/create-embedder.ts'
import { registerModel } from '../src/embed/register-model.ts'
import { ensureVectorIndex } from '../src/knowledge/ensure-vector-index.ts'
import { retireEvents } from '../src/knowledge/retire/retire-events.ts'
import { retirePatterns } from '../src/knowledge/retire/retire-patterns.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { median } from './support/stats.ts'
import { createChurn, lasting, newAnHour } from './vectors/churn.ts'
import { createVectorComposer } from './vectors/compose-vectors.ts'
import { measureSearch, type SearchMeasures, usesIndex } from './vectors/measure-search.ts'
import { makeQuestions } from './vectors/statements.ts'

const hours = 100
const kept = 24
/** Measured before and after the retirement of every so many hours. */
const measureEvery = 19
const questionCount = 200
/** Of the run without vacuum. */
const shortHours = 62

interface Row extends SearchMeasures {
  moment: string
}

interface Run {
  policy: string
  rows: Row[]
  insertRates: number[]
  retireMs: number[]
  vacuumMs: number[]
}

/** When the table is vacuumed: with this share of its rows dead. 20 % is a server's default; never shows what it is for. */
const policies = [0.2, Number.POSITIVE_INFINITY] as const

export const benchmark: Benchmark = {
  about: 'recall and size of the vector index while patterns come and go',
  needs: 'server',
  seconds: 1,
  rounds: 1,
  run: async (options) => {
    const logger = createLogger({ level: 'error' })
    await using embedder = await createEmbedder({ logger }, undefined)
    const usage = { texts: 0, ms: 0 }
    const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
      const started = performance.now()
      const vectors = await embedder.embed(texts)
      if (texts.length > 0) usage.ms += performance.now() - started
      usage.texts += texts.length
      return vectors.map((vector) => vector ?? new Float32Array(embedder.dimensions))
    }
    const vectorsOf = createVectorComposer(embed)
    const asked = await embed(makeQuestions(questionCount))
    const runs: Run[] = []
    let versions: Record<string, string> = {}
    for (const share of policies) {
      await using db = await scratchDatabase()
      runs.push(await runPolicy(db.pool, { vectorsOf, embedder, asked, share }, options))
      versions = await serverFacts(db.pool)
    }
    const rate = Math.round(usage.texts / (usage.ms / 1_000))
    return toReport({ ...versions, embedded: `${usage.texts} texts at ${rate}/s` }, runs)
  },
}

async function runPolicy(
  pool: Pool,
  input: {
    share: number
    vectorsOf: ReturnType<typeof createVectorComposer>
    asked: readonly Float32Array[]
    embedder: { id: string; dimensions: number }
  },
  { note }: BenchmarkOptions,
): Promise<Run> {
  const { share, asked, embedder } = input
  const policy = Number.isFinite(share) ? `vacuum at ${share * 100} % dead` : 'no vacuum'
  const model = { id: await registerModel(pool, embedder), dimensions: embedder.dimensions }
  await ensureVectorIndex({ pool }, model)
  // Hours take seconds here, and the server looks once a minute: what it would do is done by hand.
  await pool.query('alter table millrace.pattern_embedding set (autovacuum_enabled = off)')
  const churn = createChurn({ pool, modelId: model.id, vectorsOf: input.vectorsOf }, { hours })
  const run: Run = { policy, rows: [], insertRates: [], retireMs: [], vacuumMs: [] }
  const measure = async (moment: string) => {
    const measures = await measureSearch({ pool }, { model, asked })
    run.rows.push({ moment, ...measures })
    note(
      `${policy}, ${moment}: recall ${measures.recall.toFixed(3)}, ${measures.indexMib.toFixed(1)} MiB`,
    )
  }
  const retire = async (retention: { retentionHours: number }) => {
    const started = performance.now()
    await retireEvents({ pool }, retention)
    deadRows += await retirePatterns({ pool }, retention)
    run.retireMs.push(performance.now() - started)
  }
  const vacuum = async () => {
    const started = performance.now()
    await pool.query('vacuum (analyze) millrace.pattern_embedding')
    run.vacuumMs.push(performance.now() - started)
    deadRows = 0
  }
  let deadRows = 0
  const until = Number.isFinite(share) ? hours : shortHours
  for (let hour = 1; hour <= until; hour += 1) {
    const { vectors, ms } = await churn.arrive(hour)
    run.insertRates.push(vectors / (ms / 1_000))
    if (hour % 10 === 1)
      await pool.query('analyze millrace.pattern, millrace.pattern_embedding, millrace.event_count')
    const isMeasured = hour === kept || (hour > kept && (hour - kept) % measureEvery === 0)
    if (isMeasured) await measure(`hour ${hour}, before`)
    if (hour > kept) await retire(churn.retentionAt(hour, kept))
    if (deadRows > 50 + share * (kept * newAnHour + lasting)) await vacuum()
    if (isMeasured && hour > kept) await measure(`hour ${hour}, after`)
  }
  if (!(await usesIndex({ pool }, model))) note('the plan does not use the index')
  if (Number.isFinite(share)) {
    await retire(churn.retentionAt(hours, 3))
    await vacuum()
    await measure('all but 3 hours retired')
  }
  await pool.query(`reindex index concurrently millrace.pattern_embedding_m${model.id}_idx`)
  await measure('the index made anew')
  return run
}

function toReport(versions: Record<string, string>, runs: readonly Run[]): Report {
  const atEnd = (run: Run | undefined) =>
    run?.rows.find((row) => row.moment === `hour ${hours}, after`)
  const [byDefault] = runs
  const end = atEnd(byDefault)
  return {
    title: 'Vectors',
    tables: [
      ...runs.map((run) => ({
        title: run.policy,
        columns: [
          'moment',
          'live',
          'stored',
          'dead',
          'index MiB',
          'B a live vector',
          'recall@10',
          'worst',
          'p50 ms',
          'p99 ms',
        ],
        rows: run.rows.map((row) => [
          row.moment,
          row.live,
          row.stored,
          row.dead,
          row.indexMib.toFixed(1),
          Math.round((row.indexMib * 1_048_576) / row.live),
          row.recall.toFixed(4),
          row.worst.toFixed(1),
          row.p50.toFixed(1),
          row.p99.toFixed(1),
        ]),
      })),
      {
        title: 'what it takes',
        columns: [
          'vacuum',
          'vectors stored a second',
          'a retirement, ms',
          'a vacuum, ms',
          'vacuums',
        ],
        rows: runs.map((run) => [
          run.policy,
          median(run.insertRates),
          median(run.retireMs),
          run.vacuumMs.length > 0 ? median(run.vacuumMs) : '',
          run.vacuumMs.length,
        ]),
      },
    ],
    figures: {
      'recall@10 at the end': { value: end?.recall ?? Number.NaN, unit: '', better: 'more' },
      'index B a live vector at the end': {
        value: end ? (end.indexMib * 1_048_576) / end.live : Number.NaN,
        unit: 'B',
        better: 'less',
      },
    },
    versions,
    remarks: [
      `An hour brings ${newAnHour} new patterns (a third of them near-copies of the hour before's) to ${lasting} that stay; a tenth of the last six hours' come again. Retention keeps ${kept} hours.`,
      'An hour stands for a day of arrival, which is what retention takes away at once.',
      `Recall: of the ten nearest vectors with events, found by comparing all, how many are among the ten first of the product's query; ${questionCount} questions, the mean and the worst.`,
      'Vectors of the questions are the built-in model’s; those of statements are sums of the built-in model’s for their parts (subject with event, service with severity, reason) and noise.',
      'Dead rows are those of the server’s statistics, which are late by seconds.',
      'Vacuum is done by hand at the moment at which the server would: the hours take seconds.',
    ],
  }
}
