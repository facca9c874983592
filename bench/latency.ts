// How soon a record that is put can be read, and how soon it can be searched, idle and under load.
import { wait } from '../src/base/backoff.ts'
import { getRecords } from '../src/log/get-records.ts'
import { getShardIterator } from '../src/log/get-shard-iterator.ts'
import { subscribe } from '../src/log/subscribe.ts'
import { appendLines, openRig, type Rig, streamName, waitForIndexed } from './pipeline/log-rig.ts'
import { startWorkerProcess } from './pipeline/worker-process.ts'
import type { Benchmark, Figure } from './support/benchmark.ts'
import type { BenchLine } from './support/lines.ts'
import { peakRss, watchProcesses } from './support/memory.ts'
import { percentile } from './support/stats.ts'

const loads = [0, 1_000, 8_000] as const
/** Marked lines a second whose way is timed. */
const marksPerSecond = 20

export const benchmark: Benchmark = {
  about: 'from put to getRecords, to subscribe and to a search that finds the event',
  needs: 'server',
  seconds: 10,
  rounds: 1,
  async run({ seconds, lines, note }) {
    await using rig = await openRig()
    using server = rig.serverPid === undefined ? undefined : watchProcesses(rig.serverPid)
    const rows: (string | number)[][] = []
    const figures: Record<string, Figure> = {}
    const add = (what: string, load: number, ms: number[]) => {
      const [p50, p99] = [percentile(ms, 0.5), percentile(ms, 0.99)]
      rows.push([
        what,
        load === 0 ? 'idle' : `${load} lines/s`,
        ms.length,
        p50,
        p99,
        Math.max(...ms),
      ])
      note(`${what}, ${load} lines/s: p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`)
      if (load !== 1_000) return
      figures[`${what} p50`] = { value: p50, unit: 'ms', better: 'less' }
      figures[`${what} p99`] = { value: p99, unit: 'ms', better: 'less' }
    }
    for (const load of loads) {
      const reading = await measureReading(rig, { lines, load, seconds })
      add('put -> subscribe', load, reading.subscribed)
      add('put -> getRecords', load, reading.polled)
    }
    const worker = await startWorkerProcess(rig.db.url)
    try {
      await appendLines(rig.producer, lines.slice(0, 2_000))
      await waitForIndexed(rig.db.pool)
      for (const load of loads) {
        add('put -> searchable', load, await measureSearching(rig, { lines, load, seconds }))
        await waitForIndexed(rig.db.pool)
      }
      rows.push(['(worker peak, MiB)', '', 1, await worker.peakMib(), '', ''])
    } finally {
      await worker.stop()
    }
    return {
      title: 'Latency, ms from the call of put',
      tables: [
        {
          title: 'one marked record at a time, 4 shards',
          columns: ['way', 'load', 'marks', 'p50', 'p99', 'max'],
          rows: rows.filter((row) => !String(row[0]).startsWith('(')),
        },
        {
          title: 'peak memory',
          columns: ['process', 'MiB'],
          rows: [
            ['benchmark (producer and readers)', peakRss()],
            ['a worker', rows.find((row) => String(row[0]).startsWith('('))?.[3] ?? '-'],
            ['PostgreSQL', server?.peakMib() ?? Number.NaN],
          ],
        },
      ],
      figures,
      versions: {},
      remarks: [
        'getRecords is called in a loop without a pause on one shard; an event counts as searchable when a query by its own term returns it, asked every 5 ms, so up to 5 ms of each are the asking.',
      ],
    }
  },
}

interface Load {
  lines: readonly BenchLine[]
  load: number
  seconds: number
}

/** Puts lines at a steady rate, 50 times a second, until stopped; resolves when all are durable. */
function startLoad({ producer }: Rig, { lines, load }: Load) {
  let stopped = false
  let next = 0
  const puts: Promise<unknown>[] = []
  const run = async () => {
    const started = performance.now()
    for (let tick = 1; !stopped && load > 0; tick += 1) {
      const batch = Array.from(
        { length: load / 50 },
        () => lines[next++ % lines.length] as BenchLine,
      )
      puts.push(producer.put(streamName, batch))
      await wait(Math.max(0, started + tick * 20 - performance.now()))
    }
    await Promise.all(puts)
  }
  const running = run()
  return async () => {
    stopped = true
    await running
  }
}

let marks = 0
const mark = () => `mark-${process.pid}-${(marks++).toString(36)}x${marks}`

function markedLine(name: string): Buffer {
  return Buffer.from(JSON.stringify({ log: `INFO request ${name} handled`, stream: 'stderr' }))
}

async function measureReading(rig: Rig, options: Load) {
  const { db, logger, producer } = rig
  const sent = new Map<string, number>()
  const subscribed: number[] = []
  const polled: number[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const note = (data: Buffer, into: number[]) => {
    const name = /mark-[0-9a-z-]+/.exec(data.toString('latin1'))?.[0]
    const at = name === undefined ? undefined : sent.get(name)
    if (at !== undefined) into.push(performance.now() - at)
  }
  const following = (async () => {
    const input = { stream: streamName, startingPosition: { type: 'LATEST' } } as const
    for await (const batch of subscribe({ ...db, logger }, input, { signal }))
      for (const { data } of batch.records) note(data, subscribed)
  })()
  const polling = (async () => {
    let iterator = await getShardIterator(db, {
      stream: streamName,
      shard: 0,
      type: 'LATEST',
    })
    while (!signal.aborted) {
      const got = await getRecords(db, { shardIterator: iterator })
      for (const { data } of got.records) note(data, polled)
      iterator = got.nextShardIterator ?? iterator
    }
  })()
  await wait(300)
  const stopLoad = startLoad(rig, options)
  await everyMark(options.seconds, async () => {
    const name = mark()
    sent.set(name, performance.now())
    const record = { partitionKey: 'mark', data: markedLine(name), explicitHashKey: 0n }
    await producer.put(streamName, [record])
  })
  await stopLoad()
  await wait(300)
  stopping.abort()
  await Promise.all([following, polling])
  return { subscribed, polled }
}

async function measureSearching(rig: Rig, options: Load): Promise<number[]> {
  const { db, producer } = rig
  const took: number[] = []
  const looking: Promise<void>[] = []
  const stopLoad = startLoad(rig, options)
  await everyMark(options.seconds, async () => {
    const name = mark()
    const at = performance.now()
    const [result] = await producer.put(streamName, [
      { partitionKey: name, data: markedLine(name) },
    ])
    if (!result?.ok) throw new Error('expected a marked line to be stored')
    looking.push(
      (async () => {
        for (;;) {
          const { rowCount } = await db.pool.query({
            name: 'bench.find',
            text: 'select from millrace.event where terms @> array[$1::text] limit 1',
            values: [name],
          })
          if (rowCount === 1) break
          await wait(5)
        }
        took.push(performance.now() - at)
      })(),
    )
  })
  await Promise.all(looking)
  await stopLoad()
  return took
}

/** Calls `work` 20 times a second, for so long. */
async function everyMark(seconds: number, work: () => Promise<void>): Promise<void> {
  const started = performance.now()
  const works: Promise<void>[] = []
  for (let index = 1; index <= seconds * marksPerSecond; index += 1) {
    works.push(work())
    await wait(Math.max(0, started + (index * 1_000) / marksPerSecond - performance.now()))
  }
  await Promise.all(works)
}
