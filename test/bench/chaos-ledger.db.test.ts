import { expect, test } from 'vitest'
import type { Appended } from '../../bench/chaos/appender.ts'
import { countLedger } from '../../bench/chaos/count-ledger.ts'
import { judge } from '../../bench/chaos/judge.ts'
import {
  createLedgerTables,
  type LedgerEntry,
  type Note,
  writeLedger,
  writeWindows,
} from '../../bench/chaos/ledger-tables.ts'
import { createLogger } from '../../src/base/logger.ts'
import { transaction } from '../../src/db/transaction.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase()
const stream = 'chaos'

/** Two keys with three numbers each, acknowledged, stored, in the ledger and in windows, but for what a test does to it. */
const clean = ['a', 'b'].flatMap((key) => [1, 2, 3].map((number) => ({ key, number, text: key })))

interface Doings {
  put?: readonly Note[]
  process?: (entries: Placed[]) => Placed[]
  windows?: Record<string, number>
  acked?: Record<string, number>
  attempts?: Appended['attempts']
}

interface Placed extends LedgerEntry {
  sequence: bigint
}

async function countOf({ put = clean, process = (all) => all, ...rest }: Doings = {}) {
  const { windows = { a: 3, b: 3 }, acked = { a: 3, b: 3 }, attempts = [] } = rest
  await pool.query('drop schema if exists chaos cascade')
  await createLedgerTables(pool)
  const name = `${stream}-${crypto.randomUUID()}`
  await createStream({ pool }, { name })
  await using producer = createProducer({ pool, logger: createLogger({ level: 'silent' }) })
  const results = await producer.put(
    name,
    put.map((note) => ({ partitionKey: note.key, data: Buffer.from(JSON.stringify(note)) })),
  )
  const placed = put.map((note, index): Placed => {
    const result = results[index]
    if (!result?.ok) throw new Error('expected the record to be stored')
    return { ...note, isRightVector: true, sequence: result.sequence }
  })
  const shardId = (await describeStream({ pool }, name)).shards[0]?.id ?? 0
  const entries = process(placed)
  await transaction(pool, async (client) => {
    const sequences = entries.map(({ sequence }) => sequence)
    await writeLedger(client, entries, { shardId, sequences, worker: 'w1.1' })
    const counts = Object.entries(windows).map(([key, count]) => ({
      key,
      startsAt: new Date(0),
      count,
    }))
    await writeWindows(client, counts, { shardId, worker: 'w1.1' })
  })
  const count = await countLedger(pool, name, { acked: new Map(Object.entries(acked)), attempts })
  return { count, wrong: judge({ count, problems: [], catchUpMs: 0, behind: {} }) }
}

test('a run without a fault is clean', async () => {
  const { count, wrong } = await countOf()
  expect(wrong).toEqual([])
  expect(count).toMatchObject({ acked: 6, stored: 6, processed: 6, storedTwice: 0 })
})

test('what the stream holds and the ledger does not is lost', async () => {
  const { count, wrong } = await countOf({ process: (all) => all.slice(0, -1) })
  expect(count).toMatchObject({ lost: 1, lostByLog: 0, repeated: 0 })
  expect(wrong).toEqual(['1 records lost: not in the ledger'])
})

test('what was acknowledged and the stream does not hold is lost by the log', async () => {
  const { count } = await countOf({ acked: { a: 3, b: 4 } })
  expect(count).toMatchObject({ lost: 1, lostByLog: 1 })
})

test('a sequence number that is in the ledger twice is a repeat', async () => {
  const { count, wrong } = await countOf({
    process: (all) => [...all, ...all.slice(-1)],
  })
  expect(count).toMatchObject({ repeated: 1, lost: 0, outOfOrder: 0, foreign: 0 })
  expect(wrong).toEqual(['1 records in the ledger more than once'])
})

test('a record that the appender put again is no repeat, as long as it said so', async () => {
  const put = [...clean, { key: 'b', number: 3, text: 'b' }]
  const windows = { a: 3, b: 4 }
  const attempts = [{ key: 'b', number: 3, attempts: 2 }]
  const told = await countOf({ put, windows, attempts })
  expect(told.wrong).toEqual([])
  expect(told.count.storedTwice).toBe(1)
  expect((await countOf({ put, windows })).count).toMatchObject({ invented: 1, repeated: 0 })
})

test('a number below the last one of its key is out of order, also in a later batch', async () => {
  const { count } = await countOf({
    process: ([a1, a2, ...rest]) => [a2, a1, ...rest].flatMap((e) => e ?? []),
  })
  expect(count).toMatchObject({ outOfOrder: 1, lost: 0, repeated: 0 })
  await transaction(pool, (client) =>
    writeLedger(client, [{ key: 'a', number: 2, text: 'a', isRightVector: true }], {
      shardId: 1,
      sequences: [1n],
      worker: 'w2.1',
    }),
  )
  const { rows } = await pool.query(
    'select number, last_number, worker from chaos.violation order by at',
  )
  expect(rows).toEqual([
    { number: '1', last_number: '2', worker: 'w1.1' },
    { number: '2', last_number: '3', worker: 'w2.1' },
  ])
})

test('a vector of another text, and an entry that the stream never held, are told', async () => {
  const { count } = await countOf({
    process: (all) => [
      ...all.map((entry, index) => ({ ...entry, isRightVector: index > 0 })),
      { key: 'c', number: 1, text: 'c', isRightVector: true, sequence: 1n },
    ],
  })
  expect(count).toMatchObject({ wrongVectors: 1, foreign: 1, lost: 0 })
})

test('windows that count too many, too few or other keys are told, by key', async () => {
  expect((await countOf({ windows: { a: 4, b: 2 } })).count.wrongWindows).toBe(2)
  expect((await countOf({ windows: { a: 3, b: 3, c: 1 } })).count.wrongWindows).toBe(1)
  expect((await countOf({ windows: { a: 3 } })).count.wrongWindows).toBe(1)
})

test('what was not caught up in time is told as such', async () => {
  const { count } = await countOf({ process: (all) => all.slice(0, -1) })
  expect(judge({ count, problems: ['w'], catchUpMs: null, behind: { ledger: 1 } })).toEqual([
    '1 records not processed in time',
    'the workers did not catch up: ledger 1',
    'w',
  ])
})
