// What the rates of a stream do.
// (a) A provisioned stream of two shards is offered three times its rate (records of 100 B, then of 10 KB): accepted and
//     refused a second and shard, and the most that any window of a second holds, read back from the log.
// (b) An on-demand stream of one shard is offered what one producer gives, with a worker beside it as in production: when
//     it split, and what was accepted a second before and after. It goes on until the second split, or for seven times
//     --seconds: a shard has to be hot for a while before it is split, so a short run sees none.
import { wait } from '../src/base/backoff.ts'
import { createLogger } from '../src/base/logger.ts'
import type { Database } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { deleteStream } from '../src/log/delete-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { createProducer, type Producer } from '../src/log/producer.ts'
import { readRecords } from '../src/log/read-records.ts'
import { timeOfSequence } from '../src/log/sequence.ts'
import { startWorker } from '../src/pipeline/worker.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { watchMemory } from './support/watch-memory.ts'

/** One shard of a provisioned stream that was offered more than it takes. */
interface Held {
  name: string
  shard: number
  offeredPerSecond: number
  accepted: number
  refused: number
  /** Accepted in the whole seconds of the clock. */
  perSecond: number[]
  /** Of any window of a second. */
  mostRecords: number
  mostBytes: number
}

/** What an on-demand stream took, in a stretch of five seconds. */
interface Stretch {
  atSeconds: number
  openShards: number
  acceptedPerSecond: number
  refused: number
}

/** A provisioned shard's rates, as Kinesis has them. */
const limits = { records: 1_000, bytes: 1_048_576 } as const

export const benchmark: Benchmark = {
  about: 'what provisioned streams refuse, and when on-demand ones split',
  needs: 'server',
  seconds: 30,
  rounds: 1,
  run: async (options) => {
    const logger = createLogger({ level: 'warn' })
    await using db = await scratchDatabase()
    await using producer = createProducer({ ...db, logger })
    using memory = await watchMemory(db.pool)
    const held: Held[] = []
    const stretches: Stretch[][] = []
    for (let round = 1; round <= options.rounds; round += 1) {
      options.note(`round ${round} of ${options.rounds}: provisioned`)
      held.push(...(await holdBack(db, producer, 'by records', 100, 3_000, options)))
      held.push(...(await holdBack(db, producer, 'by bytes', 10_240, 300, options)))
      options.note('on demand')
      stretches.push(await splitOnDemand(db, producer, options))
    }
    const peaks = [memory.clientMib(), memory.serverMib()]
    return toReport(await serverFacts(db.pool), held, stretches, peaks)
  },
}

async function holdBack(
  db: Database,
  producer: Producer,
  name: string,
  bytes: number,
  offeredPerSecond: number,
  { seconds }: BenchmarkOptions,
): Promise<Held[]> {
  const stream = 'bench-provisioned'
  await createStream(db, { name: stream, mode: 'provisioned', shards: 2 })
  const data = Buffer.alloc(bytes - 1, 'x')
  const accepted = [0, 0]
  const refused = [0, 0]
  const offer = async (shard: number) => {
    const explicitHashKey = shard === 0 ? 0n : 2n ** 128n - 1n
    const records = Array.from({ length: offeredPerSecond / 20 }, () => ({
      partitionKey: 'k',
      data,
      explicitHashKey,
    }))
    const results = await producer.put(stream, records)
    const ok = results.filter((result) => result.ok).length
    accepted[shard] = (accepted[shard] ?? 0) + ok
    refused[shard] = (refused[shard] ?? 0) + results.length - ok
  }
  const started = performance.now()
  const offers: Promise<void>[] = []
  for (let tick = 1; tick <= seconds * 20; tick += 1) {
    offers.push(offer(0), offer(1))
    await wait(Math.max(0, started + tick * 50 - performance.now()))
  }
  await Promise.all(offers)
  const held: Held[] = []
  for (const { id, number } of (await describeStream(db, stream)).shards)
    held.push({
      name,
      shard: number,
      offeredPerSecond,
      accepted: accepted[number] ?? 0,
      refused: refused[number] ?? 0,
      ...(await readWindows(db, id)),
    })
  await deleteStream(db, stream)
  return held
}

/** What the log says, by the times in the records' numbers. */
async function readWindows(
  db: Database,
  shardId: number,
): Promise<Pick<Held, 'perSecond' | 'mostRecords' | 'mostBytes'>> {
  const times: { ms: number; bytes: number }[] = []
  for (let from = 0n; ; ) {
    const { records, next } = await readRecords(db, { shardId, from })
    if (records.length === 0) break
    for (const { sequence, data } of records)
      times.push({ ms: Number(sequence >> 22n), bytes: data.length + 1 })
    from = next
  }
  let mostRecords = 0
  let mostBytes = 0
  let begin = 0
  let sum = 0
  for (const [end, { ms, bytes }] of times.entries()) {
    sum += bytes
    while ((times[begin]?.ms ?? 0) <= ms - 1_000) {
      sum -= times[begin]?.bytes ?? 0
      begin += 1
    }
    mostRecords = Math.max(mostRecords, end - begin + 1)
    mostBytes = Math.max(mostBytes, sum)
  }
  const bySecond = Map.groupBy(times, ({ ms }) => Math.floor(ms / 1_000))
  const perSecond = [...bySecond.values()].slice(1, -1).map((items) => items.length)
  return { perSecond, mostRecords, mostBytes }
}

async function splitOnDemand(
  db: Database,
  producer: Producer,
  { lines, seconds }: BenchmarkOptions,
): Promise<Stretch[]> {
  const stream = 'bench-on-demand'
  await createStream(db, { name: stream })
  await using _worker = await startWorker(
    { ...db, logger: createLogger({ level: 'warn' }) },
    { pipelines: [] },
  )
  let isDone = false
  let accepted = 0
  let refused = 0
  const write = async (writer: number) => {
    for (let batch = 0; !isDone; batch += 1) {
      const records = Array.from({ length: 500 }, (_, index) => ({
        partitionKey: `host-${(writer * 7 + batch * 3 + index) % 200}`,
        data: lines[(batch * 500 + index) % lines.length]?.data ?? Buffer.from('a line'),
      }))
      for (const result of await producer.put(stream, records))
        if (result.ok) accepted += 1
        else refused += 1
    }
  }
  const writing = Promise.all([0, 1].map(write))
  const started = performance.now()
  const stretches: Stretch[] = []
  const watch = async () => {
    let before = 0
    let last = started
    for (let splits = 0; splits < 2 && performance.now() - started < seconds * 7_000; ) {
      await wait(5_000)
      const { shards } = await describeStream(db, stream)
      const now = performance.now()
      stretches.push({
        atSeconds: (now - started) / 1000,
        openShards: shards.filter((shard) => shard.state === 'open').length,
        acceptedPerSecond: ((accepted - before) * 1000) / (now - last),
        refused,
      })
      before = accepted
      last = now
      splits = new Set(
        shards
          .filter((shard) => shard.origin === 'hot')
          .map((shard) => timeOfSequence(shard.createdSeq).getTime()),
      ).size
    }
  }
  await Promise.all([
    writing,
    watch().finally(() => {
      isDone = true
    }),
  ])
  await deleteStream(db, stream)
  return stretches
}

function toReport(
  versions: Record<string, string>,
  held: readonly Held[],
  rounds: readonly Stretch[][],
  [clientMib = Number.NaN, serverMib = Number.NaN]: readonly number[],
): Report {
  const mostShare = Math.max(
    ...held.map(({ mostRecords, mostBytes }) =>
      Math.max(mostRecords / limits.records, mostBytes / limits.bytes),
    ),
  )
  const firstSplits = rounds.map(
    (stretches) => stretches.find(({ openShards }) => openShards > 1)?.atSeconds,
  )
  return {
    title: 'Rates',
    tables: [
      {
        title: 'a provisioned stream that is offered three times its rate',
        columns: [
          'limited',
          'shard',
          'offered/s',
          'accepted',
          'refused',
          'accepted in a clock second',
          'most records in any second',
          'most bytes',
        ],
        rows: held.map((shard) => [
          shard.name,
          shard.shard,
          shard.offeredPerSecond,
          shard.accepted,
          shard.refused,
          shard.perSecond.length === 0
            ? '-'
            : `${Math.min(...shard.perSecond)}-${Math.max(...shard.perSecond)}`,
          shard.mostRecords,
          shard.mostBytes,
        ]),
      },
      {
        title: 'an on-demand stream of one shard under all that one producer gives',
        columns: ['round', 'after s', 'open shards', 'accepted/s', 'refused so far'],
        rows: rounds.flatMap((stretches, round) =>
          stretches.map((stretch) => [
            round + 1,
            stretch.atSeconds,
            stretch.openShards,
            stretch.acceptedPerSecond,
            stretch.refused,
          ]),
        ),
      },
    ],
    figures: {
      'most in any second, to the rate': { value: mostShare, unit: 'x', better: 'less' },
    },
    versions,
    remarks: [
      `Peak memory: client ${clientMib.toFixed(0)} MiB, server ${serverMib.toFixed(0)} MiB.`,
      firstSplits.every((at) => at === undefined)
        ? 'No split was seen: the run was too short for a shard to be hot for long enough.'
        : `The first split was seen after ${firstSplits.map((at) => (at === undefined ? 'never' : `${at.toFixed(0)} s`)).join(', ')}, of looks every five seconds.`,
    ],
  }
}
