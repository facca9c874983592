// Poison among ten thousand records: what it costs to find them, what becomes of the others, and the way back from the
// dead letters once the defect is fixed. All on one shard that was filled before, so the counts are the same in each run.
import { createLogger } from '../src/base/logger.ts'
import { createProducer } from '../src/log/producer.ts'
import { redriveDeadLetters } from '../src/pipeline/operations/redrive-dead-letters.ts'
import { serverVersion } from './pipeline/server-version.ts'
import { waitUntil } from './pipeline/wait-until.ts'
import { startCase, total } from './poison/case.ts'
import { summarizeCalls, toRanges } from './poison/count-calls.ts'
import { ledgerSql, type PoisonCase } from './poison/poison-pipeline.ts'
import { readOutcome } from './poison/read-outcome.ts'
import type { Benchmark, Report } from './support/benchmark.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { median } from './support/stats.ts'

const three = [1_234, 5_000, 9_876]
const cases: PoisonCase[] = [
  { name: 'one-throws-2000', batchRecords: 2_000, poison: [6_543], behaviour: 'throws' },
  { name: 'one-throws-10000', batchRecords: 10_000, poison: [6_543], behaviour: 'throws' },
  { name: 'one-named-10000', batchRecords: 10_000, poison: [6_543], behaviour: 'names them' },
  { name: 'three-throw-10000', batchRecords: 10_000, poison: three, behaviour: 'throws' },
  { name: 'three-named-10000', batchRecords: 10_000, poison: three, behaviour: 'names them' },
  {
    name: 'three-named-with-values',
    batchRecords: 10_000,
    poison: three,
    behaviour: 'names them beside values',
  },
  {
    name: 'three-named-once',
    batchRecords: 10_000,
    poison: three,
    behaviour: 'names them beside values',
    heals: 1,
  },
]

export const benchmark: Benchmark = {
  about: `poison among ${total} records: calls, dead letters, and the redrive after the fix`,
  needs: 'server',
  seconds: 1,
  rounds: 1,
  run: async ({ note }) => {
    await using db = await scratchDatabase()
    await db.pool.query(ledgerSql)
    // What is given up is logged as an error, and meant here.
    const logger = createLogger({ level: 'fatal' })
    await using producer = createProducer({ ...db, logger })
    const rows = []
    for (const one of cases) {
      note(one.name)
      rows.push(await measure({ ...db, logger, producer }, one))
    }
    return report(rows, await serverVersion(db.pool))
  },
}

type Measured = Awaited<ReturnType<typeof measure>>

async function measure(deps: Parameters<typeof startCase>[0], one: PoisonCase) {
  await using run = await startCase(deps, one)
  const ms = await run.caughtUp()
  const first = summarizeCalls(run.calls.calls)
  const outcome = await readOutcome(deps, one.name)
  const callsBefore = run.calls.calls.length
  run.fix()
  const began = performance.now()
  const { redriven } = await redriveDeadLetters(deps, { pipeline: one.name, all: true })
  const isEmpty = async () => (await readOutcome(deps, one.name)).deadLetters.length === 0
  await waitUntil('the dead letters to be empty', isEmpty)
  return {
    one,
    ms,
    first,
    outcome,
    redrive: {
      redriven,
      ms: performance.now() - began,
      calls: run.calls.calls.length - callsBefore,
      after: await readOutcome(deps, one.name),
    },
  }
}

/** Which records the step was given more than once. */
function describeAgain({ again }: Measured['first']): string {
  return again.length === 0 ? 'none' : toRanges(again)
}

function report(rows: readonly Measured[], postgres: string): Report {
  const find = (name: string) => rows.find(({ one }) => one.name === name)
  const wrong = rows.filter(
    ({ one, outcome, redrive }) =>
      outcome.written + outcome.deadNumbers.length !== total ||
      outcome.repeated + outcome.unordered + outcome.quoted > 0 ||
      (one.heals === undefined && outcome.deadNumbers.join() !== one.poison.join()) ||
      redrive.after.written !== total ||
      redrive.after.repeated > 0,
  )
  return {
    title: `Poison among ${total.toLocaleString('en')} records of one shard`,
    tables: [
      {
        title: 'until the checkpoint is at the end; 3 attempts, backoff 50 ms',
        columns: [
          'poison',
          'the step',
          'batch',
          'calls',
          'with poison',
          'records given',
          'given again',
          'one at most, times',
          'ms between attempts',
          's',
        ],
        rows: rows.map((row) => [
          row.one.heals === undefined
            ? row.one.poison.join(' ')
            : `${row.one.poison.join(' ')}, once each`,
          row.one.behaviour,
          row.one.batchRecords,
          row.first.calls,
          row.first.withPoison,
          row.first.given,
          describeAgain(row.first),
          row.first.most,
          median(row.first.gaps),
          row.ms / 1_000,
        ]),
      },
      {
        title: 'what came out, and after the fix and the redrive',
        columns: [
          'case',
          'dead letters',
          'attempts',
          'step',
          'others written',
          'repeated',
          'out of order',
          'payloads quoted',
          'redriven',
          'calls',
          'ms',
          'written then',
          'repeated then',
        ],
        rows: rows.map(({ one, outcome, redrive }) => [
          one.name,
          outcome.deadNumbers.join(' ') || 'none',
          [...new Set(outcome.deadLetters.map(({ attempts }) => attempts))].join(' '),
          [...new Set(outcome.deadLetters.map(({ step }) => step))].join(' '),
          outcome.written,
          outcome.repeated,
          outcome.unordered,
          outcome.quoted,
          redrive.redriven,
          redrive.calls,
          redrive.ms,
          redrive.after.written,
          redrive.after.repeated,
        ]),
      },
    ],
    figures: {
      'calls for one poison record, batches of 10,000': {
        value: find('one-throws-10000')?.first.calls ?? Number.NaN,
        unit: 'calls',
        better: 'less',
      },
      'records given for it': {
        value: find('one-throws-10000')?.first.given ?? Number.NaN,
        unit: 'records',
        better: 'less',
      },
      'cases that came out wrong': { value: wrong.length, unit: 'cases', better: 'less' },
    },
    versions: { postgres },
    remarks: [
      wrong.length === 0
        ? 'In all cases the dead letters were the poison and nothing else, the others were written once and in order, and after the redrive every record was there once.'
        : `WRONG: ${wrong.map(({ one }) => one.name).join(', ')}`,
      'Redriven records are written when they are tried, behind those that came after them.',
      'In the times are the waits between attempts: a worker looks again when what it wrote down is due.',
    ],
  }
}
