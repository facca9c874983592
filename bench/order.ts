// Proves the log's order under fire: `DATABASE_URL=... node bench/order.ts [--seconds 60] [--writers 8] [--readers 2]
// [--seed 1] [--hold] [--kill 2]`. Writers append, split, merge and scale, each in a process of its own, while readers
// follow; then the ledger is printed, and the exit code is 1 unless nothing was lost, repeated, reordered or misrouted.
// --hold keeps a transaction with an old snapshot open in another session all the time. --kill N kills the server (a
// PostgreSQL of this machine, started by hand) with SIGKILL N times and starts it again with its own command line.
import { parseArgs } from 'node:util'
import pg from 'pg'
import { wait } from '../src/base/backoff.ts'
import { loadConfig } from '../src/base/config.ts'
import { killServer } from '../test/support/kill-server.ts'
import { runOrder } from '../test/support/order-run.ts'
import { scratchDatabase } from './scratch-database.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    writers: { type: 'string', default: '8' },
    readers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    hold: { type: 'boolean', default: false },
    kill: { type: 'string', default: '0' },
  },
})
const { databaseUrl } = loadConfig()
await using db = await scratchDatabase()
const seconds = Number(values.seconds)

async function hold(): Promise<void> {
  const client = new pg.Client(db.url)
  client.on('error', () => undefined)
  await client.connect()
  await client.query('begin isolation level repeatable read')
  await client.query('select count(*) from millrace.frame')
  await wait(seconds * 1000)
  await client.query('rollback').catch(() => undefined)
  await client.end().catch(() => undefined)
}

async function kill(times: number): Promise<void> {
  for (let index = 1; index <= times; index += 1) {
    await wait((seconds * 1000) / (times + 1))
    await killServer(databaseUrl ?? '')
  }
}

const ledger = await runOrder(db, {
  seconds,
  writers: Number(values.writers),
  readers: Number(values.readers),
  seed: Number(values.seed),
  meanwhile: async () => {
    await Promise.all([values.hold ? hold() : undefined, kill(Number(values.kill))])
  },
})
console.log(JSON.stringify(ledger, null, 2))
const faults = [ledger.log, ...ledger.readers].flatMap((found) => [
  found.duplicated,
  found.outOfOrder,
  found.misrouted,
  Math.abs(found.records - ledger.log.records),
])
const isClean = [...faults, ledger.lost, ledger.invented].every((count) => count === 0)
console.log(isClean && ledger.tiles ? 'clean' : 'NOT CLEAN')
process.exitCode = isClean && ledger.tiles ? 0 : 1
