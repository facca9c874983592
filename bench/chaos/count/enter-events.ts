import type { Pool } from 'pg'
import { timeOfSequence } from '../../../src/log/sequence.ts'
import { maxGapMs } from '../../../src/pipeline/steps/parse/join/open-event.ts'
import { isFrame } from '../notes.ts'
import { enterResults, type Result } from './enter-results.ts'

/** What is wrong with the text of events; the first two are 0 in a run without a fault. */
export interface EventCount {
  /** Events that are not of the line at their place, and of those that follow it in its shard. */
  wrongBodies: number
  /** Lines of a stack trace that are events of their own, though the line before them was there and near. */
  torn: number
  /** The same, but so many records were between it and the trace's first line that who took the shard over saw none of it. */
  outOfReach: number
}

interface Held {
  number: number
  sequence: string
  /** Which of its shard's records it is. */
  place: number
}

/** So many records before its first whoever takes a shard over reads again: look-back.ts. */
const reach = 10_000

/**
 * Enters the events into the ledger as what `logs` made of its stream: the lines of a stack trace are one event, so each
 * mark in its text stands for a record, the first for its own and the others for those of the key that follow.
 */
export async function enterEvents(pool: Pool, stream: string): Promise<EventCount> {
  const held = await readHeld(pool, stream)
  const { rows } = await pool.query<{ shardId: number; sequence: string; body: string }>(
    `select shard_id as "shardId", seq as sequence, body from millrace.event order by shard_id, seq`,
  )
  const results: Result[] = []
  let wrongBodies = 0
  const apart = { torn: 0, outOfReach: 0 }
  for (const { shardId, sequence, body } of rows) {
    const marks = [...body.matchAll(/\[([^[#]+)#(\d+)\]/g)]
    const key = marks[0]?.[1] ?? ''
    const records = held.get(`${shardId}/${key}`) ?? []
    const at = indexOf(records, sequence)
    const isRight = marks.every((mark, index) => {
      const record = records[at + index]
      return at >= 0 && mark[1] === key && Number(mark[2]) === record?.number
    })
    if (marks.length === 0 || !isRight) wrongBodies += 1
    for (const [index, mark] of marks.entries())
      results.push({
        key: mark[1] ?? '',
        number: Number(mark[2]),
        shardId,
        sequence: records[at + index]?.sequence ?? sequence,
        place: '0',
      })
    const [own, before] = [records[at], records[at - 1]]
    if (own && before && isFrame(own) && isNear(before, own))
      apart[own.place - headOf(records, at).place < reach ? 'torn' : 'outOfReach'] += 1
  }
  await enterResults(pool, 'logs', results)
  return { wrongBodies, ...apart }
}

/** The stream's records by shard and key, in their order. */
async function readHeld(pool: Pool, stream: string): Promise<Map<string, Held[]>> {
  const { rows } = await pool.query<Held & { shardId: number; key: string }>(
    `select shard_id as "shardId", key, number::float8 as number, seq as sequence,
            row_number() over (partition by shard_id order by seq)::int as place
       from chaos.stored
      where stream = $1
      order by shard_id, seq`,
    [stream],
  )
  const held = new Map<string, Held[]>()
  for (const { shardId, key, ...record } of rows) {
    const name = `${shardId}/${key}`
    const records = held.get(name)
    if (records) records.push(record)
    else held.set(name, [record])
  }
  return held
}

function indexOf(records: readonly Held[], sequence: string): number {
  return records.findIndex((record) => record.sequence === sequence)
}

/** The record that the trace of the one at `at` begins with, as far as its shard has it. */
function headOf(records: readonly Held[], at: number): Held {
  const head = records.slice(0, at).findLast((record) => !isFrame(record)) ?? records[0]
  return head ?? { number: 0, sequence: '0', place: 0 }
}

function isNear(before: Held, own: Held): boolean {
  const [from, to] = [before, own].map(({ sequence }) => timeOfSequence(BigInt(sequence)).getTime())
  return (to ?? 0) - (from ?? 0) <= maxGapMs
}
