import { describe, expect, it } from 'vitest'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { type LogRecord, readRecords } from '../../src/log/read-records.ts'
import { timeOfSequence } from '../../src/log/sequence.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'
import { runProcess } from '../support/run-process.ts'

const writers = 4
const seconds = 6

const db = await testDatabase()

describe('the log under concurrent writers', () => {
  it('shows every reader one order: no number appears below one that was read, none is lost or repeated', async () => {
    await createStream(db, { name: 'order', shards: 3 })
    const { shards } = await describeStream(db, 'order')

    // An open transaction with a snapshot of its own, as a dump or an index build holds one: it must not matter.
    const bystander = await db.pool.connect()
    await bystander.query('begin isolation level repeatable read')
    await bystander.query('select count(*) from millrace.frame')

    const processes = Array.from({ length: writers }, (_, index) =>
      runProcess('test/support/append-process.ts', [db.url, 'order', `w${index}`, String(seconds)]),
    )
    const finished = Promise.all(processes.map((process) => process.exited))
    let writing = true
    finished.finally(() => {
      writing = false
    })

    // Two polling readers that go on from where they were, as consumers do: what they collect must be the whole log.
    const poll = async (shardId: number) => {
      const seen: LogRecord[] = []
      for (let from = 0n, last = false; ; ) {
        last = !writing
        const { records, next } = await readRecords(db, { shardId, from, maxRecords: 500 })
        seen.push(...records)
        from = next
        if (last && records.length === 0) return seen
      }
    }
    const polled = await Promise.all([...shards, ...shards].map((shard) => poll(shard.id)))
    expect(await finished).toEqual(processes.map(() => 0))
    await bystander.query('rollback')
    bystander.release()

    const log = await readStream(db, 'order')
    const acked = processes.flatMap((process) => process.output().trim().split('\n'))
    expect(acked.length).toBeGreaterThan(1_000)
    expect(log.map((record) => `${record.shard} ${record.sequence} ${record.data}`).sort()).toEqual(
      acked.sort(),
    )
    for (const [index, seen] of polled.entries()) {
      const shard = shards[index % shards.length]
      const whole = log.filter((record) => record.shard === shard?.number)
      expect(seen.map((record) => record.sequence)).toEqual(whole.map((record) => record.sequence))
    }
    // Records of one key come in the order in which their writer put them, and each once.
    const byKey = Map.groupBy(log, (record) => record.partitionKey)
    expect(byKey.size).toBe(writers * 3)
    for (const records of byKey.values()) {
      const numbers = records.map((record) => Number(record.data.toString().split('.')[2]))
      expect(numbers).toEqual(numbers.map((_, index) => index))
    }
    // Numbers tell the time of the append.
    for (const record of log)
      expect(
        Math.abs(timeOfSequence(record.sequence).getTime() - record.arrivedAt.getTime()),
      ).toBeLessThan(1_000)
  })
})
