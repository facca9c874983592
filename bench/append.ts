// Millrace's appends beside what PostgreSQL can do at most and beside other logs and queues. Every contender is set up
// once (bench/append/NAME.ts says how and why so), its client lives in a process of its own, and they take turns.
import pg from 'pg'
import { loadConfig } from '../src/base/config.ts'
import { messageOf } from '../src/base/errors.ts'
import { type Entrant, enter } from './append/measure.ts'
import { installPeers } from './append/peers.ts'
import { reportOf } from './append/report.ts'
import type { Benchmark, BenchmarkOptions } from './support/benchmark.ts'
import { serverFacts } from './support/server-facts.ts'

const files = [
  'millrace',
  'copy-rows',
  'copy-endless',
  'unnest-rows',
  'pgq',
  'pgmq',
  'graphile-worker',
  'pg-boss',
  'redis',
  'nats-always',
  'nats-default',
  'kinesalite',
]

const remarks = [
  'each put is 500 records; Millrace and kinesalite place them on 4 shards by their keys, the others put them into the one of 4 queues, streams or shards that is theirs, over a connection of its own',
  'keys are stored by Millrace, the limits, PgQ, Redis and kinesalite; pgmq, the job queues and NATS store the line alone',
  'a checkpoint precedes every turn, and autovacuum may run beside any; disk: tables with their indexes, or all files of the peer',
  'client MiB: peak resident set of the process that puts, Node included; server MiB: peak proportional set of the server with all its processes, for PostgreSQL with the shared buffers they touch',
]

export const benchmark: Benchmark = {
  about: 'puts of 500 records on 4 shards, beside COPY, other queues on PostgreSQL, Redis and NATS',
  needs: 'server',
  seconds: 5,
  rounds: 5,
  run: (options) => interruptible((signal) => run(options, signal)),
}

async function run(options: BenchmarkOptions, signal: AbortSignal) {
  const { seconds, rounds, lines, note } = options
  const { databaseUrl = '' } = loadConfig()
  const setting = { databaseUrl, note, signal }
  const entrants: Entrant[] = []
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    const facts = await serverFacts(pool)
    await installPeers(setting)
    for (const file of files) {
      signal.throwIfAborted()
      entrants.push(await enter(file, lines, setting))
    }
    // A first short turn for the code to become hot.
    await turns(entrants, pool, Math.min(1, seconds), setting, { keep: false })
    for (let round = 0; round < rounds; round += 1) {
      note(`append: round ${round + 1} of ${rounds}`)
      const first = Math.floor((round * entrants.length) / rounds)
      const order = [...entrants.slice(first), ...entrants.slice(0, first)]
      await turns(order, pool, seconds, setting, { keep: true })
    }
    const unsafe = facts.fsync !== 'on' || facts.synchronous_commit === 'off'
    return {
      title: 'Appending',
      ...reportOf(entrants),
      versions: Object.assign(facts, ...entrants.map(({ versions }) => versions)),
      remarks: [
        ...(unsafe ? ['this PostgreSQL does NOT flush before it answers: see fsync below'] : []),
        ...entrants.flatMap(({ contender, failure }) =>
          failure === undefined ? [] : [`${contender.name} was not measured: ${failure}`],
        ),
        ...remarks,
      ],
    }
  } finally {
    await Promise.allSettled(entrants.map((entrant) => entrant.close()))
    await pool.end()
  }
}

/** Gives each entrant a turn, one after the other; one that fails takes no further ones. */
async function turns(
  entrants: readonly Entrant[],
  pool: pg.Pool,
  seconds: number,
  setting: { signal: AbortSignal; note: (text: string) => void },
  { keep }: { keep: boolean },
) {
  for (const entrant of entrants) {
    if (entrant.failure !== undefined) continue
    setting.signal.throwIfAborted()
    // So that no turn pays for the pages of the one before. Not every user may.
    await pool.query('checkpoint').catch(() => undefined)
    try {
      const turn = await entrant.turn(seconds)
      if (keep) entrant.turns.push(turn)
    } catch (error) {
      entrant.failure = messageOf(error)
      setting.note(`append: ${entrant.contender.name}: ${entrant.failure}`)
    }
  }
}

/** Runs with a signal that Ctrl-C and kill abort, so that what was started and made is removed then too. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort(new Error('interrupted'))
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}
