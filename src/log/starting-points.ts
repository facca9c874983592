import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { type Shard, type Stream, shardOf } from './describe-stream.ts'
import { filterShards } from './list-shards.ts'
import { readEnd } from './read-end.ts'
import { sequenceAt } from './sequence.ts'

/** Where following begins. */
export type StartingPosition =
  /** At the oldest record that is kept. */
  | { type: 'TRIM_HORIZON' }
  /** Behind the newest record of this moment. */
  | { type: 'LATEST' }
  /** At the first record that arrived at this moment or later. */
  | { type: 'AT_TIMESTAMP'; timestamp: Date }
  /** At, or behind, a number: of one shard. */
  | { type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; sequence: bigint }
  /**
   * Where an earlier subscription was: the `continuation` of each shard's last batch, by shard number. Keep a shard that
   * has ended (null) until its children have a position of their own.
   */
  | { type: 'POSITIONS'; positions: ReadonlyMap<number, bigint | null> }

export interface StartingPoints {
  active: { id: number; number: number; next: bigint }[]
  /** Numbers of shards that are done, whose continuations are to be followed from their first record on. */
  ended: number[]
}

const maxSequence = 2n ** 63n - 1n

/**
 * The shards that a subscription begins with, and where in them. Each moment of a stream belongs to one generation of
 * shards, so what begins there covers every hash key; the later generations are found from the ends of these.
 */
export async function startingPoints(
  deps: { pool: Pool },
  stream: Stream,
  input: { shard?: number; startingPosition: StartingPosition },
): Promise<StartingPoints> {
  const { startingPosition: position } = input
  if (position.type === 'POSITIONS') return resumed(stream, position.positions)
  const one = input.shard === undefined ? undefined : shardOf(stream, input.shard)
  switch (position.type) {
    case 'TRIM_HORIZON':
      return starting(one ? [one] : roots(stream), () => 0n)
    case 'LATEST': {
      const latest = new Map<number, bigint>()
      const shards = one ? [one] : filterShards(stream, { type: 'AT_LATEST' })
      for (const shard of shards) {
        const { newest } = await readEnd(deps, shard.id)
        latest.set(shard.id, newest === null ? shard.createdSeq : newest + 1n)
      }
      return starting(shards, (shard) => latest.get(shard.id) ?? 0n)
    }
    case 'AT_TIMESTAMP': {
      const { timestamp } = position
      await requirePast(deps, timestamp)
      const shards = one ? [one] : filterShards(stream, { type: 'AT_TIMESTAMP', timestamp })
      return starting(shards, () => sequenceAt(timestamp))
    }
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER': {
      if (!one)
        throw new MillraceError(
          'invalid_argument',
          `expected a shard with ${position.type}: a number has its place in one shard only`,
        )
      const { type, sequence } = position
      if (sequence < 0n || sequence > maxSequence)
        throw new MillraceError(
          'invalid_argument',
          `expected a sequence number from 0 to 2^63-1, got ${sequence}`,
        )
      const isAfter = type === 'AFTER_SEQUENCE_NUMBER' && sequence < maxSequence
      return starting([one], () => sequence + (isAfter ? 1n : 0n))
    }
  }
}

function starting(shards: readonly Shard[], nextOf: (shard: Shard) => bigint): StartingPoints {
  const active = shards.map((shard) => ({
    id: shard.id,
    number: shard.number,
    next: nextOf(shard),
  }))
  return { active, ended: [] }
}

async function requirePast(deps: { pool: Pool }, timestamp: Date): Promise<void> {
  const { rows } = await deps.pool.query<{ now: Date }>('select clock_timestamp() as now')
  const now = rows[0]?.now
  if (now === undefined || timestamp > now)
    throw new MillraceError(
      'invalid_argument',
      `expected a timestamp that is not in the future, got ${timestamp.toISOString()} while it is ${now?.toISOString()}`,
    )
}

/** The shards of which no parent is kept: with what they become, everything that is kept. */
function roots(stream: Stream): Shard[] {
  const kept = new Set(stream.shards.map((shard) => shard.number))
  return stream.shards.filter((shard) => !shard.parents.some((parent) => kept.has(parent)))
}

function resumed(stream: Stream, positions: ReadonlyMap<number, bigint | null>): StartingPoints {
  const points: StartingPoints = { active: [], ended: [] }
  const kept = new Map(stream.shards.map((shard) => [shard.number, shard]))
  for (const [number, next] of positions) {
    const shard = kept.get(number)
    if (!shard || next === null) points.ended.push(number)
    else points.active.push({ id: shard.id, number, next })
  }
  return points
}
