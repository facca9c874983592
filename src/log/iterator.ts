import { createHmac, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '../base/errors.ts'

/** A reading position as clients hold it. */
export interface IteratorState {
  /** The shard's id. */
  shardId: number
  /** The first number wanted. */
  from: bigint
  /** When it was made, by the database's clock, in ms since 1970. */
  createdMs: number
}

/** An iterator lives 5 minutes, as Amazon Kinesis' do. */
const lifetimeMs = 300_000

const version = 1
const stateBytes = 21
const macBytes = 16

/**
 * Encodes a position: version, shard, number, time, and a MAC with the database's own key (its setting `iterator_key`),
 * so that an iterator of another database, or one that somebody made up, is told from ours. 50 characters, URL-safe.
 */
export function encodeIterator(state: IteratorState, key: string): string {
  const out = Buffer.allocUnsafe(stateBytes)
  out.writeUInt8(version, 0)
  out.writeInt32BE(state.shardId, 1)
  out.writeBigInt64BE(state.from, 5)
  out.writeBigInt64BE(BigInt(state.createdMs), 13)
  return Buffer.concat([out, macOf(out, key)]).toString('base64url')
}

/** Reads an iterator. Fails with `invalid_argument` on anything that this database did not make. */
export function decodeIterator(text: string, key: string): IteratorState {
  const bytes = Buffer.from(text, 'base64url')
  const state = bytes.subarray(0, stateBytes)
  if (
    bytes.length !== stateBytes + macBytes ||
    state[0] !== version ||
    !timingSafeEqual(bytes.subarray(stateBytes), macOf(state, key))
  )
    throw new MillraceError(
      'invalid_argument',
      'invalid shard iterator: expected one that this database returned; get one with: millrace stream iterator',
    )
  return {
    shardId: state.readInt32BE(1),
    from: state.readBigInt64BE(5),
    createdMs: Number(state.readBigInt64BE(13)),
  }
}

/** Fails with `iterator_expired` when the iterator is older than 5 minutes. */
export function requireFresh(state: IteratorState, nowMs: number): void {
  if (nowMs - state.createdMs <= lifetimeMs) return
  throw new MillraceError(
    'iterator_expired',
    `iterator expired: it was created at ${new Date(state.createdMs).toISOString()} while right now it is ${new Date(nowMs).toISOString()}, which is further in the future than the tolerated delay of ${lifetimeMs} milliseconds; get a new one after the last sequence number you have`,
    { details: { limit: lifetimeMs, ageMs: nowMs - state.createdMs } },
  )
}

function macOf(state: Uint8Array, key: string): Buffer {
  return createHmac('sha256', key).update(state).digest().subarray(0, macBytes)
}
