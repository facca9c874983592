// An embedding provider that is gone, then broken, while ever-new lines arrive: what the pipeline loses (nothing), what
// it does meanwhile, and how long it takes to catch up.
import { wait } from '../src/base/backoff.ts'
import { createLogger } from '../src/base/logger.ts'
import { createStream } from '../src/log/create-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { readPipelineStatus } from '../src/pipeline/operations/read-pipeline-status.ts'
import { appendSteadily } from './outage/append-lines.ts'
import { startOutageServer } from './outage/embedding-server.ts'
import { pipelineName, stream } from './outage/outage-pipeline.ts'
import {
  breakerTable,
  countLines,
  memoryTable,
  type Snapshot,
  takeSnapshot,
  usageTable,
} from './outage/report.ts'
import { watchOutage } from './outage/watch-outage.ts'
import { type LogEvent, readLogEvent } from './outage/worker-log.ts'
import { forkWorker } from './pipeline/fork-worker.ts'
import { serverVersion } from './pipeline/server-version.ts'
import { waitUntil } from './pipeline/wait-until.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { scratchDatabase } from './support/scratch-database.ts'

const perSecond = 500
const calmMs = 10_000
/** Its oldest line is younger: it has caught up with what arrives. */
const caughtUpMs = 2_000

export const benchmark: Benchmark = {
  about: `an embedding provider that is away for --seconds, ${perSecond} new lines a second meanwhile`,
  needs: 'server',
  seconds: 300,
  rounds: 1,
  run: async (options) => {
    await using db = await scratchDatabase()
    await createStream(db, { name: stream, shards: 4 })
    await using producer = createProducer({ ...db, logger: createLogger({ level: 'warn' }) })
    await using server = await startOutageServer()
    const events: LogEvent[] = []
    const onLog = (line: string) => {
      const event = readLogEvent(line)
      if (event) events.push(event)
      else if (!line.includes('"level":30')) process.stderr.write(`${line}\n`)
    }
    const file = new URL('./outage/worker-process.ts', import.meta.url)
    const worker = await forkWorker(file, [db.url, server.url], { onLog })
    try {
      return await measure({ db, producer, server, worker, events }, options)
    } finally {
      await worker.stop()
    }
  },
}

interface Rig {
  db: Awaited<ReturnType<typeof scratchDatabase>>
  producer: ReturnType<typeof createProducer>
  server: Awaited<ReturnType<typeof startOutageServer>>
  worker: { pid: number }
  events: LogEvent[]
}

async function measure(rig: Rig, { seconds, note }: BenchmarkOptions): Promise<Report> {
  const { db, producer, server, worker, events } = rig
  const watch = watchOutage(db, worker.pid)
  const status = () => readPipelineStatus(db, { name: pipelineName })
  const snapshot = () => takeSnapshot(db, server.counts())
  const lines = appendSteadily(producer, perSecond)
  const began = Date.now()
  await wait(calmMs)
  const calm = await snapshot()

  note('the provider goes away')
  await server.goAway()
  const downAt = Date.now()
  await wait(seconds * 500)
  const refused = await snapshot()
  note('it is there again, and answers 500')
  await server.comeBackBroken()
  await wait(seconds * 500)
  const broken = await snapshot()
  note('it is well again')
  server.recover()
  const upAt = Date.now()

  await waitUntil(
    'the pipeline to catch up',
    async () => (await status()).totals.iteratorAgeMs < caughtUpMs,
    { everyMs: 100, withinMs: 120_000 + seconds * 1_000 },
  )
  const caughtUpAt = Date.now()
  await wait(calmMs)
  const appended = await lines.stop()
  const rest = async () => (await status()).totals.behind === 0
  await waitUntil('the last lines to be worked', rest, { everyMs: 100 })
  const end = await snapshot()
  await watch.stop()

  const counts = await countLines(db, appended)
  const snapshots: Record<string, Snapshot> = {
    'before the outage': calm,
    'connections refused': refused,
    'answers of 500': broken,
    'the run': end,
  }
  const opened = events.filter(({ event }) => event === 'breaker.opened')
  const blamed = events.filter(({ event }) => event === 'batch.failed').length
  const attempts = watch.samples.reduce((most, sample) => Math.max(most, sample.attempts), 0)
  const catchUp = (caughtUpAt - upAt) / 1_000
  const closedAt =
    events.find(({ event, at }) => event === 'breaker.closed' && at >= upAt)?.at ?? Number.NaN
  const outages = events.filter(
    ({ event }, index) => event === 'breaker.opened' && isFirstOf(events, index),
  )
  return {
    title: `Outage: the embedding provider away for ${seconds} s, ${perSecond} lines/s`,
    tables: [
      {
        title: 'what became of the lines',
        columns: ['what', 'count'],
        rows: [
          ['appended and acknowledged', counts.appended],
          ['lost', counts.lost],
          ['repeated', counts.repeated],
          ['with a wrong vector, or none', counts.wrong],
          ['dead letters', counts.dead],
          ['attempts used: the most failures of a shard that were seen', attempts],
          ['attempts used: batch.failed in the log', blamed],
          ['the breaker opened, out of closed', outages.length],
          ['probes that failed', opened.length - outages.length],
          ['s from the provider well to the breaker closed', (closedAt - upAt) / 1_000],
          ['s from the provider well to the lag below 2 s', catchUp],
          ['lines/s while it caught up', (perSecond * (caughtUpAt - downAt)) / 1_000 / catchUp],
        ],
      },
      breakerTable(events, downAt),
      memoryTable(watch.samples, {
        before: { from: began, to: downAt },
        'connections refused': { from: downAt, to: refused.at },
        'answers of 500': { from: refused.at, to: upAt },
        'catching up': { from: upAt, to: caughtUpAt },
        after: { from: caughtUpAt, to: end.at },
      }),
      usageTable(snapshots),
    ],
    figures: {
      lost: { value: counts.lost, unit: 'lines', better: 'less' },
      repeated: { value: counts.repeated, unit: 'lines', better: 'less' },
      'dead letters': { value: counts.dead, unit: 'lines', better: 'less' },
      'catch-up': { value: catchUp, unit: 's', better: 'less' },
    },
    versions: { postgres: await serverVersion(db.pool) },
    remarks: [
      'The status counts attempts, the server what reaches it: refused connections are the difference in requests. Both go on while a snapshot is taken, so that only the last line must agree in tokens.',
      'Until the breaker closes the pipeline waits for its next probe: 30 s at most after a long outage.',
      'The worker is a process of its own with the embedder of `millrace worker`; the provider and the producer are in the benchmark’s process.',
    ],
  }
}

/** Whether the breaker was closed before this event. */
function isFirstOf(events: readonly LogEvent[], index: number): boolean {
  const before = events.slice(0, index).findLast(({ event }) => event.startsWith('breaker.'))
  return before === undefined || before.event === 'breaker.closed'
}
