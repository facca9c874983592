import { expect, test } from 'vitest'
import type { Appended } from '../../bench/chaos/appender.ts'
import { copyStreamToTable } from '../../bench/chaos/count/copy-stream.ts'
import { enterCopies } from '../../bench/chaos/count/count-copies.ts'
import { countLetters, countLettersBut } from '../../bench/chaos/count/count-letters.ts'
import { countLog } from '../../bench/chaos/count/count-log.ts'
import { countWrongWindows } from '../../bench/chaos/count/count-windows.ts'
import { tallyOf } from '../../bench/chaos/count/tally.ts'
import { createLedgerTables, writeLedger, writeWindows } from '../../bench/chaos/ledger-tables.ts'
import { type Note, noteOf, poisonOf } from '../../bench/chaos/notes.ts'
import { createLogger } from '../../src/base/logger.ts'
import { transaction } from '../../src/db/transaction.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase()

interface Placed extends Note {
  shardId: number
  sequence: bigint
}

/** Puts notes into a stream of their own, as they are. */
async function store(notes: readonly object[], keyOf: (note: object) => string) {
  const name = `chaos-${crypto.randomUUID()}`
  await createStream({ pool }, { name })
  await using producer = createProducer({ pool, logger: createLogger({ level: 'silent' }) })
  const results = await producer.put(
    name,
    notes.map((note) => ({ partitionKey: keyOf(note), data: Buffer.from(JSON.stringify(note)) })),
  )
  const shardId = (await describeStream({ pool }, name)).shards[0]?.id ?? 0
  const sequences = results.map((result) => {
    if (!result.ok) throw new Error('expected the record to be stored')
    return result.sequence
  })
  return { name, shardId, sequences }
}

/** Two keys with three numbers each, acknowledged, stored, in the ledger and in windows, but for what a test does to it. */
const clean = ['a', 'b'].flatMap((key) => [1, 2, 3].map((number) => noteOf(key, number)))

interface Doings {
  put?: readonly Note[]
  process?: (entries: Placed[]) => Placed[]
  wrongVectorAt?: number
  windows?: Record<string, number>
  acked?: Record<string, number>
  attempts?: Appended['attempts']
}

async function freshTables() {
  await pool.query('drop schema if exists chaos cascade')
  await createLedgerTables(pool)
}

async function countOf({ put = clean, process = (all) => all, ...rest }: Doings = {}) {
  const { windows = { a: 3, b: 3 }, acked = { a: 3, b: 3 }, attempts = [] } = rest
  await freshTables()
  const { name, shardId, sequences } = await store(put, (note) => (note as Note).key)
  const placed = put.map((note, index) => ({
    ...note,
    shardId,
    sequence: sequences[index] ?? 0n,
  }))
  const entries = process(placed)
  await transaction(pool, async (client) => {
    await writeLedger(
      client,
      entries.map((entry, index) => ({ ...entry, isRightVector: index !== rest.wrongVectorAt })),
      {
        pipeline: 'ledger',
        shardId,
        sequences: entries.map(({ sequence }) => sequence),
        worker: 'w1.1',
      },
    )
    const counts = Object.entries(windows).map(([key, count]) => ({
      key,
      startsAt: new Date(0),
      count,
    }))
    await writeWindows(client, counts, { shardId, worker: 'w1.1' })
  })
  await copyStreamToTable(pool, name)
  return {
    log: await countLog(pool, name, { acked: new Map(Object.entries(acked)), attempts }),
    tally: await tallyOf(pool, 'ledger', name, 'by commit'),
    wrongWindows: await countWrongWindows(pool, name),
  }
}

const none = { lost: 0, repeated: 0, foreign: 0, outOfOrder: 0 }

test('a run without a fault is clean', async () => {
  expect(await countOf()).toEqual({
    log: { acked: 6, stored: 6, storedTwice: 0, lostByLog: 0, invented: 0 },
    tally: { pipeline: 'ledger', processed: 6, ...none },
    wrongWindows: 0,
  })
})

test('what the stream holds and the ledger does not is lost', async () => {
  const { tally } = await countOf({ process: (all) => all.slice(0, -1) })
  expect(tally).toMatchObject({ ...none, lost: 1 })
})

test('what was acknowledged and the stream does not hold is lost by the log', async () => {
  const { log, tally } = await countOf({ acked: { a: 3, b: 4 } })
  expect(log.lostByLog).toBe(1)
  expect(tally).toMatchObject(none)
})

test('a sequence number that is in the ledger twice is a repeat', async () => {
  const { tally } = await countOf({ process: (all) => [...all, ...all.slice(-1)] })
  expect(tally).toMatchObject({ ...none, repeated: 1 })
})

test('a record that the appender put again is no repeat, as long as it said so', async () => {
  const put = [...clean, noteOf('b', 3)]
  const windows = { a: 3, b: 4 }
  const attempts = [{ key: 'b', number: 3, attempts: 2 }]
  const told = await countOf({ put, windows, attempts })
  expect(told.log).toMatchObject({ storedTwice: 1, invented: 0 })
  expect(told.tally).toMatchObject(none)
  const untold = await countOf({ put, windows })
  expect(untold.log.invented).toBe(1)
  expect(untold.tally).toMatchObject(none)
})

test('a number below the last one of its key is out of order, also in a later batch', async () => {
  const { tally } = await countOf({
    process: ([a1, a2, ...rest]) => [a2, a1, ...rest].flatMap((entry) => entry ?? []),
  })
  expect(tally).toMatchObject({ ...none, outOfOrder: 1 })
  const late = async (pipeline: string) =>
    transaction(pool, (client) =>
      writeLedger(client, [{ ...noteOf('a', 2), isRightVector: true }], {
        pipeline,
        shardId: 1,
        sequences: [1n],
        worker: 'w2.1',
      }),
    )
  await late('ledger')
  // Another pipeline has an order of its own.
  await late('ledger-again')
  const { rows } = await pool.query(
    'select number, last_number, worker from chaos.violation order by at',
  )
  expect(rows).toEqual([
    { number: '1', last_number: '2', worker: 'w1.1' },
    { number: '2', last_number: '3', worker: 'w2.1' },
  ])
})

test('a vector of another text, and an entry that the stream never held, are told', async () => {
  const { tally } = await countOf({
    process: (all) => [...all, { ...noteOf('c', 1), shardId: 1, sequence: 1n }],
    wrongVectorAt: 0,
  })
  expect(tally).toMatchObject({ ...none, foreign: 1 })
  const { rows } = await pool.query(`select key, number from chaos.violation where kind = 'vector'`)
  expect(rows).toEqual([{ key: 'a', number: '1' }])
})

test('windows that count too many, too few or other keys are told, by key', async () => {
  expect((await countOf({ windows: { a: 4, b: 2 } })).wrongWindows).toBe(2)
  expect((await countOf({ windows: { a: 3, b: 3, c: 1 } })).wrongWindows).toBe(1)
  expect((await countOf({ windows: { a: 3 } })).wrongWindows).toBe(1)
})

test('copies that are missing, there twice, made up or in another order are told', async () => {
  await freshTables()
  const source = await store(clean, (note) => (note as Note).key)
  await copyStreamToTable(pool, source.name)
  const copies = clean.map((note, index) => ({
    ...note,
    fromShardId: source.shardId,
    fromSequence: String(source.sequences[index]),
  }))
  const [a1, a2, , b1, b2] = copies
  const made = [a2, a1, b1, b1, b2, { ...b1, fromSequence: '1' }]
  const { name } = await store(
    made.flatMap((copy) => copy ?? []),
    (note) => (note as Note).key,
  )
  await enterCopies(pool, name)
  expect(await tallyOf(pool, 'copy', source.name, 'by place')).toEqual({
    pipeline: 'copy',
    processed: 6,
    lost: 2,
    repeated: 1,
    foreign: 1,
    outOfOrder: 2,
  })
})

/** The first note of each kind of poison among those of a key. */
const poison = (['step', 'sink'] as const).map((kind) => {
  for (let number = 1; ; number += 1) {
    const note = noteOf('key-1', number)
    if (poisonOf(note) === kind) return note
  }
})

test('letters are the poison, each once, and nothing else', async () => {
  await freshTables()
  const notes = [...poison, ...clean]
  const { name, shardId, sequences } = await store(notes, (note) => (note as Note).key)
  await copyStreamToTable(pool, name)
  const giveUp = (pipeline: string, index: number) =>
    pool.query(
      `insert into millrace.dead_letter (pipeline, shard_id, seq, partition_key, data, error, attempts)
       values ($1, $2, $3, '', '', '', 3)`,
      [pipeline, shardId, String(sequences[index])],
    )
  await giveUp('ledger', 0)
  expect(await countLetters(pool, 'ledger', name)).toMatchObject({ letters: 1, missing: 1 })
  await giveUp('ledger', 1)
  expect(await countLetters(pool, 'ledger', name)).toEqual({
    pipeline: 'ledger',
    letters: 2,
    missing: 0,
    early: 0,
    others: 0,
    twice: 0,
  })
  await giveUp('ledger', 1)
  await giveUp('ledger', 2)
  await giveUp('copy', 0)
  await pool.query(`insert into chaos.ledger (pipeline, shard_id, seq) values ('ledger', $1, $2)`, [
    shardId,
    String(sequences[0]),
  ])
  expect(await countLetters(pool, 'ledger', name)).toMatchObject({ early: 1, others: 1, twice: 1 })
  expect(await countLettersBut(pool, ['ledger'])).toBe(1)
})

test('about one record in a thousand is poison, of both kinds', () => {
  const notes = Array.from({ length: 50_000 }, (_, index) => noteOf(`key-${index % 200}`, index))
  const kinds = notes.map(poisonOf).filter((kind) => kind !== null)
  expect(kinds.length).toBeGreaterThan(25)
  expect(kinds.length).toBeLessThan(100)
  expect(new Set(kinds)).toEqual(new Set(['step', 'sink']))
})
