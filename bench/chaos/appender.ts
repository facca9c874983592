import type { Pool } from 'pg'
import { wait } from '../../src/base/backoff.ts'
import type { Logger } from '../../src/base/logger.ts'
import { createProducer } from '../../src/log/producer.ts'
import { type Note, noteOf } from './notes.ts'

export interface AppenderOptions {
  stream: string
  /** Records a second, when nothing is in the way. */
  rate: number
  /** Default 200. */
  keys?: number
}

export interface Appended {
  /** By key the last number that was acknowledged; all from 1 to it were. */
  acked: ReadonlyMap<string, number>
  /** How often a record was put that took more than one: its first put had no answer, and may be stored all the same. */
  attempts: readonly { key: string; number: number; attempts: number }[]
  /** The longest time from a record's first put to its acknowledgement. */
  longestMs: number
}

export interface Appender {
  acked(): number
  /** Waits for what is under way, at most 30 s, and tells what was appended; idempotent. */
  stop(): Promise<Appended>
}

const lanes = 4
const tickMs = 50
const pauseMs = 250

/**
 * Appends notes until it is stopped. A key has one record under way: it is put again, with the same number, until it is
 * acknowledged, and only then the next one follows. So what is out of order later is not the appender's doing.
 */
export function startAppender(
  deps: { pool: Pool; logger: Logger },
  options: AppenderOptions,
): Appender {
  const { stream, rate, keys = 200 } = options
  const producer = createProducer(deps)
  const stopping = new AbortController()
  const giveUp = new AbortController()
  const acked = new Map<string, number>()
  const attempts: { key: string; number: number; attempts: number }[] = []
  let longestMs = 0

  /** Puts one note a key until all are acknowledged. */
  const put = async (notes: readonly Note[]) => {
    const began = performance.now()
    let open = notes
    for (let attempt = 1; open.length > 0; attempt += 1) {
      const records = open.map((note) => ({
        partitionKey: note.key,
        data: Buffer.from(JSON.stringify(note)),
      }))
      const results = await producer.put(stream, records).catch(() => null)
      const refused: Note[] = []
      for (const [index, note] of open.entries()) {
        const isAcked = results?.[index]?.ok === true
        if (isAcked) acked.set(note.key, note.number)
        else refused.push(note)
        if (attempt > 1 && (isAcked || giveUp.signal.aborted))
          attempts.push({ key: note.key, number: note.number, attempts: attempt })
      }
      open = refused
      if (giveUp.signal.aborted) break
      if (open.length > 0) await wait(pauseMs, giveUp.signal)
    }
    longestMs = Math.max(longestMs, performance.now() - began)
  }

  const runLane = async (lane: number) => {
    const own = Array.from({ length: keys }, (_, index) => index).filter(
      (index) => index % lanes === lane,
    )
    const perTick = Math.min(own.length, Math.max(1, Math.round((rate / lanes) * (tickMs / 1000))))
    for (let at = 0; !stopping.signal.aborted; at += perTick) {
      const due = performance.now() + tickMs
      const notes = Array.from({ length: perTick }, (_, index) => {
        const key = `key-${own[(at + index) % own.length]}`
        return noteOf(key, (acked.get(key) ?? 0) + 1)
      })
      await put(notes)
      await wait(Math.max(0, due - performance.now()), stopping.signal)
    }
  }

  const running = Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)))
  let stopped: Promise<Appended> | undefined
  return {
    acked: () => [...acked.values()].reduce((sum, number) => sum + number, 0),
    stop: () => {
      stopped ??= (async () => {
        stopping.abort()
        const limit = setTimeout(() => giveUp.abort(), 30_000)
        await running
        clearTimeout(limit)
        await producer.stop()
        return { acked, attempts, longestMs }
      })()
      return stopped
    },
  }
}
