import { readFile } from 'node:fs/promises'
import type { Pool } from 'pg'
import { wait } from '../../src/base/backoff.ts'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer, type Producer } from '../../src/log/producer.ts'
import type { BenchLine } from '../support/lines.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

export const streamName = 'logs'
const batchSize = 500
const inFlight = 4

/** A database of its own with a stream of four shards and a producer, and the server's process where it is here. */
export async function openRig() {
  const db = await scratchDatabase()
  const logger = createLogger({ level: 'warn' })
  await createStream(db, { name: streamName, shards: 4 })
  const producer = createProducer({ ...db, logger }, { maxBufferedBytes: 256 * 1024 * 1024 })
  const close = async () => {
    await producer.stop()
    await db.close()
  }
  return { db, logger, producer, serverPid: await serverPid(db.pool), [Symbol.asyncDispose]: close }
}

export type Rig = Awaited<ReturnType<typeof openRig>>

/** The server's main process: the parent of any of its backends; undefined where it is on another machine. */
async function serverPid(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8').catch(() => '')
  const isServer = /^\d+ \(postgres/.test(stat)
  return isServer ? Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) : undefined
}

/** Appends lines in batches of 500, four in flight; resolves when all are durable. */
export async function appendLines(producer: Producer, lines: readonly BenchLine[]): Promise<void> {
  let next = 0
  const write = async () => {
    while (next < lines.length) {
      const batch = lines.slice(next, next + batchSize)
      next += batchSize
      for (const result of await producer.put(streamName, batch)) if (!result.ok) throw result.error
    }
  }
  await Promise.all(Array.from({ length: inFlight }, write))
}

/** Resolves when the logs pipeline has committed everything that is in the log. */
export async function waitForIndexed(pool: Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ done: boolean }>({
      name: 'bench.indexed',
      text: `select bool_and(coalesce(c.seq, 0) >= millrace.last_seq(sh.id)) as done
               from millrace.shard sh
               left join millrace.checkpoint c on c.shard_id = sh.id and c.pipeline = 'logs'`,
    })
    if (rows[0]?.done) return
    await wait(10)
  }
}
