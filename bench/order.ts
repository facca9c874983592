// Proves the log's order under fire: writers append, split, merge and scale, each in a process of its own, while readers
// follow; then the ledger is printed. It fails unless nothing was lost, repeated, reordered or misrouted. Each round is two
// runs with a seed each; during the second one another session holds a transaction with an old snapshot open.
// MILLRACE_BENCH_KILL=N (with a DATABASE_URL of this machine, started by hand) kills the server with SIGKILL N times in
// each run and starts it again with its own command line; acknowledgements lost on the way count as unknown.
import pg from 'pg'
import { wait } from '../src/base/backoff.ts'
import type { Database } from '../src/db/open-database.ts'
import { killServer } from '../test/support/kill-server.ts'
import { type Ledger, runOrder } from '../test/support/order-run.ts'
import type { Benchmark, Report } from './support/benchmark.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { watchMemory } from './support/watch-memory.ts'

const writers = 8
const readers = 2

interface Run {
  seed: number
  isHeld: boolean
  ledger: Ledger
  faults: number
  serverMib: number
}

export const benchmark: Benchmark = {
  about: 'nothing lost, repeated, reordered or misrouted while writers reshard',
  needs: 'server',
  seconds: 30,
  rounds: 2,
  run: async ({ seconds, rounds, note }) => {
    const kills = Number(process.env.MILLRACE_BENCH_KILL ?? 0)
    await using db = await scratchDatabase()
    const runs: Run[] = []
    for (let round = 1; round <= rounds; round += 1)
      for (const isHeld of [false, true]) {
        const seed = runs.length + 1
        note(`seed ${seed}${isHeld ? ', an old snapshot held' : ''}`)
        using memory = await watchMemory(db.pool)
        const ledger = await runOrder(db, {
          seconds,
          writers,
          readers,
          seed: seed * 1_000,
          meanwhile: async () => {
            await Promise.all([isHeld ? hold(db, seconds) : undefined, kill(kills, seconds)])
          },
        })
        const faults = faultsOf(ledger)
        if (faults > 0 || !ledger.tiles) note(JSON.stringify(ledger, null, 2))
        runs.push({ seed, isHeld, ledger, faults, serverMib: memory.serverMib() })
      }
    const dirty = runs.filter(({ faults, ledger }) => faults > 0 || !ledger.tiles)
    if (dirty.length > 0)
      throw new Error(
        `NOT CLEAN: the ledgers above, of seeds ${dirty.map(({ seed }) => seed).join(', ')}`,
      )
    return toReport(await serverFacts(db.pool), runs, { seconds, kills })
  },
}

async function hold(db: Database, seconds: number): Promise<void> {
  const client = new pg.Client(db.url)
  client.on('error', () => undefined)
  await client.connect()
  await client.query('begin isolation level repeatable read')
  await client.query('select count(*) from millrace.frame')
  await wait(seconds * 1000)
  await client.query('rollback').catch(() => undefined)
  await client.end().catch(() => undefined)
}

async function kill(times: number, seconds: number): Promise<void> {
  for (let index = 1; index <= times; index += 1) {
    await wait((seconds * 1000) / (times + 1))
    await killServer(process.env.DATABASE_URL ?? '')
  }
}

function faultsOf(ledger: Ledger): number {
  const faults = [ledger.log, ...ledger.readers].flatMap((found) => [
    found.duplicated,
    found.outOfOrder,
    found.misrouted,
    Math.abs(found.records - ledger.log.records),
  ])
  return [...faults, ledger.lost, ledger.invented].reduce((sum, count) => sum + count, 0)
}

function toReport(
  versions: Record<string, string>,
  runs: readonly Run[],
  { seconds, kills }: { seconds: number; kills: number },
): Report {
  const changes = ({ reshards }: Ledger, key: 'done' | 'refused') =>
    Object.values(reshards).reduce((sum, counts) => sum + counts[key], 0)
  const sum = (pick: (run: Run) => number) => runs.reduce((total, run) => total + pick(run), 0)
  return {
    title: 'Order under fire',
    tables: [
      {
        title: `${writers} writers that reshard and ${readers} readers that follow, each a process`,
        columns: [
          'seed',
          'old snapshot',
          'acked',
          'unknown',
          'in the log',
          'lost',
          'faults',
          'reshards',
          'refused',
          'open shards',
          'closed',
          'server peak MiB',
        ],
        rows: runs.map(({ seed, isHeld, ledger, faults, serverMib }) => [
          seed,
          isHeld ? 'held' : '-',
          ledger.acked,
          ledger.unknown,
          ledger.log.records,
          ledger.lost,
          faults,
          changes(ledger, 'done'),
          changes(ledger, 'refused'),
          ledger.shards.open,
          ledger.shards.closed,
          serverMib,
        ]),
      },
    ],
    figures: {
      faults: { value: sum(({ faults }) => faults), unit: 'records', better: 'less' },
      'acked/s under reshards': {
        value: sum(({ ledger }) => ledger.acked) / (runs.length * seconds),
        unit: 'records/s',
        better: 'more',
      },
      'reshards a minute': {
        value: (sum(({ ledger }) => changes(ledger, 'done')) / (runs.length * seconds)) * 60,
        unit: 'reshards',
        better: 'more',
      },
    },
    versions: { ...versions, 'server kills a run': String(kills) },
    remarks: [
      'Faults are records lost, invented, repeated, out of the order of their key or in a shard that does not own it, in the log or at a reader; with one the benchmark fails.',
      'Unknown records were put when the connection broke: each may be there once, or not. None at all in spite of kills means that these came after the writing: give it more --seconds.',
    ],
  }
}
