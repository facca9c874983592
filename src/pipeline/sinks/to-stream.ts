import type { PoolClient } from 'pg'
import { z } from 'zod'
import { isMillraceError, MillraceError, messageOf } from '../../base/errors.ts'
import { shown } from '../../base/shown.ts'
import { validate } from '../../base/validate.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { recordProblem } from '../../log/new-record.ts'
import { createKeyEncoder } from '../../log/partition-keys.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { streamName } from '../../log/stream-name.ts'
import { notifyShards } from '../../log/wake.ts'
import type { OpenSink, Sink } from '../sink.ts'
import type { Resources, StepContext } from '../step.ts'
import { isLogRecord } from './is-log-record.ts'
import { toJsonLine } from './plain-json.ts'
import { nameRecord, recordOf } from './record-of.ts'
import { appendEntries } from './stream/append-entries.ts'
import { readRoute } from './stream/route.ts'
import type { Entry } from './stream/to-frames.ts'

export interface ToStreamOptions<T> {
  /** Must exist. */
  stream: string
  /** Default: the record's own, so that a key keeps its order. */
  partitionKey?: (value: T, record: LogRecord) => string
  /** Bytes or text as they are, all else as JSON. Default: the value, and of a record its data. */
  data?: (value: T, record: LogRecord) => Uint8Array | string | object
}

const functionSchema = z.custom<(value: never, record: LogRecord) => unknown>(
  (value) => typeof value === 'function',
  'expected a function of value and record',
)

const optionsSchema = z.strictObject({
  stream: z.string().regex(streamName, {
    error: ({ input }) =>
      `expected a stream name of 1-128 characters (letters, digits, "_", "." and "-"), got ${shown(input)}`,
  }),
  partitionKey: functionSchema.optional(),
  data: functionSchema.optional(),
})

/**
 * Puts each value into another stream, exactly once: its records commit with the checkpoint, and are numbered in the
 * order of the commits. Values of one key keep their order.
 *
 * The target's shards are locked from the write until the commit, so other sinks of the pipeline should be quick.
 *
 * Fails with `invalid_argument` for options that are wrong, a key or data that cannot be stored, and a target that the
 * pipeline follows; `limit_exceeded` for a record that is too large; `not_found` when the target does not exist;
 * retryable with `throughput_exceeded` beyond the rate of a provisioned shard, `conflict` while others hold a shard.
 */
export function toStream<T>(options: ToStreamOptions<T>): Sink<T> {
  validate(optionsSchema, options, 'toStream')
  const { stream } = options
  return { name: 'toStream', stream, open: (resources) => openStream(resources, options) }
}

async function openStream<T>(
  resources: Resources,
  options: ToStreamOptions<T>,
): Promise<OpenSink<T>> {
  const { stream } = options
  const action = `putting records into stream "${stream}"`
  const encodeKey = createKeyEncoder()
  const { partitionKey = (_value, record) => record.partitionKey } = options
  const { data = (value) => (isLogRecord(value) ? value.data : (value as object)) } = options
  const readNow = () =>
    readRoute(resources.pool, stream).catch((error: unknown) => {
      throw toMillraceError(error, action)
    })
  let route = await readNow()
  /** Shards that were written and whose readers are not woken yet, by the shard that the records came from. */
  const written = new Map<number, Set<number>>()

  const toEntry = (value: T, place: number, context: StepContext): Entry => {
    const record = recordOf(context, place)
    const refuse = (problem: string, code: 'invalid_argument' | 'limit_exceeded') =>
      new MillraceError(code, `${action}: ${problem}, from ${nameRecord(context, place)}`, {
        details: { stream, sequence: String(record.sequence) },
      })
    const key: unknown = partitionKey(value, record)
    if (typeof key !== 'string')
      throw refuse(`expected a partition key, got ${typeof key}`, 'invalid_argument')
    const bytes = toBytes(data(value, record))
    if (!bytes) throw refuse('expected bytes, text or what JSON can hold', 'invalid_argument')
    const encoded = encodeKey(key)
    const problem = recordProblem(
      { partitionKey: key, data: bytes },
      encoded.utf8.length,
      route.maxRecordBytes,
    )
    if (problem)
      throw refuse(
        problem.message,
        problem.code === 'limit_exceeded' ? 'limit_exceeded' : 'invalid_argument',
      )
    return { hashKey: encoded.hashKey, key: encoded.utf8, data: bytes }
  }

  /** The stream's limit may have been raised since it was read. */
  const attempt = async (toEntries: () => Entry[]): Promise<Entry[]> => {
    try {
      return toEntries()
    } catch (error) {
      if (!isMillraceError(error, 'limit_exceeded')) throw error
      route = await readNow()
      return toEntries()
    }
  }

  return {
    prepare: async (values, context) => {
      if (context.stream === stream)
        throw new MillraceError(
          'invalid_argument',
          `toStream: stream: expected a stream that the pipeline does not follow, got "${stream}": its records would come back for ever`,
          { details: { stream } },
        )
      const toEntries = () => values.map((value, place) => toEntry(value, place, context))
      const entries = await attempt(toEntries)
      return async (client: PoolClient) => {
        if (entries.length === 0) return
        const appended = await appendEntries(client, entries, route).catch((error: unknown) => {
          throw toMillraceError(error, action)
        })
        // Read inside the transaction, but of what others have committed: it holds after a rollback too.
        route = appended.route
        const waiting = written.get(context.shardId) ?? new Set()
        written.set(context.shardId, waiting)
        for (const id of appended.shardIds) waiting.add(id)
      }
    },
    committed: async ({ shardId }) => {
      const ids = [...(written.get(shardId) ?? [])]
      written.delete(shardId)
      // Readers also poll: what is lost here costs them a moment, and no batch may fail for it.
      await notifyShards(resources, ids).catch((error: unknown) => {
        resources.logger.debug({ error: messageOf(error) }, 'wake.failed')
      })
    },
  }
}

/** Undefined for what is neither bytes nor text and has no JSON. */
function toBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  try {
    const json = toJsonLine(value)
    return json === undefined ? undefined : Buffer.from(json)
  } catch {
    return undefined
  }
}
