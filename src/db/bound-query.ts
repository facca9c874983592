import pg, { type Connection, type Pool, type QueryArrayResult } from 'pg'
import { type BoundParameter, bindMessageBytes, writeBindMessage } from './bind-message.ts'

/*
 * Statements with large parameters, written once.
 *
 * node-pg copies a Buffer parameter twice on its way out and grows its buffers as it goes: 1 KB of garbage a record of
 * 300 B, a third of an appending process' time. Here the values go straight into the one message that is sent, whose
 * memory is used again when the server has answered. All else (parsing, results, errors) is node-pg's own query.
 *
 * A buffer is given back only after an answer: a message of a connection that broke may still be on its way.
 */

/** Message buffers to be used again. */
export interface MessageBuffers {
  take(bytes: number): Buffer
  give(buffer: Buffer): void
}

/** Keeps up to `keep` buffers of up to `keepBytes` each, for as many statements in flight at the same time. */
export function createMessageBuffers(options: { keep: number; keepBytes: number }): MessageBuffers {
  const free: Buffer[] = []
  return {
    take: (bytes) => {
      const fitting = free.findIndex((buffer) => buffer.length >= bytes)
      if (fitting >= 0) return free.splice(fitting, 1)[0] ?? Buffer.allocUnsafeSlow(bytes)
      // Too small ones make room; half as much again, so that growing frames do not ask each time.
      if (free.length >= options.keep) free.shift()
      return Buffer.allocUnsafeSlow(
        bytes <= options.keepBytes ? Math.min(options.keepBytes, bytes + (bytes >> 1)) : bytes,
      )
    },
    give: (buffer) => {
      if (buffer.length <= options.keepBytes && free.length < options.keep) free.push(buffer)
    },
  }
}

/** Runs a named statement with parameters in binary form, and returns its rows as arrays. */
export async function boundQuery<Row extends unknown[]>(
  deps: { pool: Pool; buffers: MessageBuffers },
  statement: { name: string; text: string; parameters: readonly BoundParameter[] },
): Promise<Row[]> {
  const { name, text, parameters } = statement
  const bytes = bindMessageBytes(name, parameters)
  const buffer = deps.buffers.take(bytes)
  writeBindMessage(buffer, name, parameters)
  const query = new pg.Query({ name, text, values: [], rowMode: 'array' } as pg.QueryConfig)
  const { submit } = query
  query.submit = (connection: Connection) => {
    const bind = () => connection.stream.write(buffer.subarray(0, bytes))
    return submit.call(query, Object.create(connection, { bind: { value: bind } }))
  }
  // pg.Pool hands whatever has `submit` to its client, with a callback; its types do not say so.
  const { rows } = (await deps.pool.query(query as never)) as unknown as QueryArrayResult<Row>
  deps.buffers.give(buffer)
  return rows
}
