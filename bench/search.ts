// What a search costs over a million events that the real pipeline made, by kind of search; and what they take on disk.
import { createCachedEmbedder } from '../src/embed/cached-embedder.ts'
import { createEmbedder } from '../src/embed/create-embedder.ts'
import { registerModel } from '../src/embed/register-model.ts'
import { listPatterns } from '../src/knowledge/patterns/list-patterns.ts'
import { type SearchDeps, search } from '../src/knowledge/search.ts'
import { contentWords } from '../src/query/question/content-words.ts'
import { findNamed } from '../src/query/question/identifiers.ts'
import { withoutIdentifiers } from '../src/query/question/without-identifiers.ts'
import { growEvents } from './pipeline/grow-events.ts'
import { openRig } from './pipeline/log-rig.ts'
import { serverVersion } from './pipeline/server-version.ts'
import { measureSizes } from './search/measure-sizes.ts'
import { type BenchSearch, makeSearches } from './search/searches.ts'
import { withTraces } from './search/with-traces.ts'
import type { Benchmark, Figure } from './support/benchmark.ts'
import { percentile } from './support/stats.ts'

const size = 1_000_000
/** What makes the events may take; then what there is by then is searched. */
const growMs = 300_000

interface Sample extends BenchSearch {
  isFirst: boolean
  ms: number
}

export const benchmark: Benchmark = {
  about: 'the time of a search over 1 M events by its kind, and what a million lines take on disk',
  needs: 'server',
  seconds: 10,
  rounds: 3,
  async run(options) {
    const { note, rounds, seconds } = options
    await using rig = await openRig()
    const { pool } = rig.db
    const source = await createEmbedder(rig, undefined)
    const model = { id: await registerModel(pool, source), dimensions: source.dimensions }
    await using embedder = createCachedEmbedder({ pool, embedder: source, modelId: model.id })
    await embedder.warm?.()
    const lines = withTraces(options.lines)
    const { events, now } = await growEvents(
      rig,
      { lines, note },
      { from: 0, to: size, lap: 0, withinMs: growMs },
    )
    const searches = await makeSearches(pool, now)
    note(`${searches.length} searches of ${events} events, as of ${now.toISOString()}`)
    const deps = { pool, logger: rig.logger, embedder, model }
    const samples: Sample[] = []
    const started = performance.now()
    for (let round = 0; round <= rounds; round += 1) {
      if (round > 1 && performance.now() - started > rounds * seconds * 1_000) break
      for (const one of searches)
        samples.push({ ...one, isFirst: round === 0, ms: await timed(() => searchFor(deps, one)) })
    }
    const listing: number[] = []
    const filters = { from: null, to: null, services: [], minSeverity: 0, streams: [] }
    for (let turn = 0; turn < 20; turn += 1)
      listing.push(await timed(() => listPatterns({ pool }, { filters }, { limit: 20 })))
    const { patterns } = (await listPatterns({ pool }, { filters }, { limit: 1 })).total
    const sizes = await measureSizes(pool)
    return {
      title: `search: ${events.toLocaleString('en')} events, ${patterns} patterns`,
      tables: [
        {
          title: 'ms a search',
          columns: ['searched', 'searches', 'p50', 'p99', 'max'],
          rows: [true, false].map((isFirst) => [
            isFirst ? 'for the first time' : 'again',
            ...summary(samples.filter((sample) => sample.isFirst === isFirst)),
          ]),
        },
        {
          title: 'ms a search by kind, first and again',
          columns: ['kind', 'searches', 'p50', 'p99', 'max'],
          rows: [...Map.groupBy(samples, ({ kind }) => kind)].map(([kind, of]) => [
            kind,
            ...summary(of),
          ]),
        },
        {
          title: 'ms a list of all patterns with their counts (`millrace patterns`)',
          columns: ['patterns', 'times', 'p50', 'p99', 'max'],
          rows: [
            [
              patterns,
              listing.length,
              percentile(listing, 0.5),
              percentile(listing, 0.99),
              Math.max(...listing),
            ],
          ],
        },
        {
          title: 'on disk, for a million lines',
          columns: ['what', 'MiB', 'B a line'],
          rows: sizes.map(({ what, bytes }) => [
            what,
            (bytes / events) * (1_000_000 / 1024 ** 2),
            bytes / events,
          ]),
        },
      ],
      figures: figuresOf(samples),
      versions: { postgres: await serverVersion(pool) },
      remarks: [
        'Events are made by the real pipeline; a quarter of the lines name a trace. Hosts and pods are few, so that each has a fifth or a sixth of all events.',
        'Searched for the first time, a text pays for its vector; again, it finds it in the cache.',
        ...(events < size ? [`Cut short: ${events} events instead of ${size}.`] : []),
      ],
    }
  },
}

/** As `millrace search` does it. */
function searchFor(deps: SearchDeps, { text, filters }: BenchSearch) {
  const { identifiers, phrases } = findNamed(text, new Set())
  const words = [...contentWords(withoutIdentifiers(text, identifiers)), ...phrases]
  return search(deps, { text, identifiers, words, filters }, { limit: 10 })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}

function summary(samples: readonly Sample[]): number[] {
  const ms = samples.map((sample) => sample.ms)
  return [ms.length, percentile(ms, 0.5), percentile(ms, 0.99), Math.max(...ms)]
}

function figuresOf(samples: readonly Sample[]): Record<string, Figure> {
  const [, p50 = 0, p99 = 0, max = 0] = summary(samples)
  const figure = (value: number): Figure => ({ value, unit: 'ms', better: 'less' })
  return { 'search p50': figure(p50), 'search p99': figure(p99), 'search max': figure(max) }
}
