import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { PoolClient } from 'pg'
import { z } from 'zod'
import { MillraceError, messageOf } from '../../base/errors.ts'
import { validate } from '../../base/validate.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import type { LogRecord } from '../../log/read-records.ts'
import type { OpenSink, Sink } from '../sink.ts'
import type { Resources, StepContext } from '../step.ts'
import {
  type ArchiveFolder,
  claimFolder,
  makeShardFolder,
  shardPath,
} from './files/archive-folder.ts'
import { renewFile, writeDurably } from './files/durable-file.ts'
import { fileProblem } from './files/file-problem.ts'
import {
  type ArchivedFile,
  insertArchivedFile,
  type ManifestState,
  updateManifest,
} from './files/manifest.ts'
import { toNdjsonLine } from './files/ndjson.ts'
import { removeOrphans } from './files/orphans.ts'
import {
  objectsToParquet,
  type ParquetCodec,
  type ParquetType,
  parquetTypes,
  recordsToParquet,
} from './files/parquet.ts'
import { isLogRecord } from './is-log-record.ts'
import { nameRecord, recordOf } from './record-of.ts'

/*
 * An archive of files that holds each value exactly once.
 *
 * Guarantees. A batch is one file; the file is on the disk before the transaction that makes it part of the archive, by a
 * row of millrace.archived_file, begins. The table is the truth. Readers without it use each shard's manifest.ndjson,
 * which lists the files that are committed and no other, after a crash possibly without the last ones until the shard's
 * next commit. What is neither in the table nor in a manifest is no part of the archive.
 *
 *   encode -> write, fsync, rename, fsync folder (prepare) -> row, with the checkpoint (Write) -> manifest (committed)
 *
 * A crash, or a rollback, before the commit leaves a file that nothing names. A file is named for its content, so trying
 * the same batch again finds it; what is left over is deleted by the shard's first commit of a process an hour later.
 * A crash between commit and manifest leaves the manifest behind: the next commit of the shard, wherever, repairs it.
 *
 * Who writes. Only whoever committed last for a shard writes its manifest, since `committed` follows a commit and a worker
 * that lost its lease has none. When the manifest is not as this process left it, it is written anew from the table. One
 * that froze between its commit and its manifest can write beside its successor: the next commit finds that and writes
 * the manifest anew. Workers on several machines need one folder that all of them see.
 */

export interface ToFilesOptions<T> {
  /** The archive's folder, made when it is missing; a function of the pipeline's name where a replay writes elsewhere. */
  dir: string | ((pipeline: string) => string)
  format: 'ndjson' | 'parquet'
  /** `ndjson`: `gzip`. `parquet`: `snappy` (default) or `gzip`, inside of the file. */
  compress?: 'none' | 'gzip' | 'snappy'
  /** What is written of a value. Default: the value. */
  value?: (value: T, record: LogRecord) => unknown
  /** Parquet's columns, for values that are not records: which fields are written, and their types. */
  columns?: Readonly<Record<string, ParquetType>>
}

const optionsSchema = z
  .strictObject({
    dir: z.union(
      [
        z.string().min(1, 'expected a folder, got an empty text'),
        z.custom<(pipeline: string) => string>((dir) => typeof dir === 'function'),
      ],
      { error: 'expected a folder or a function that returns one' },
    ),
    format: z.enum(['ndjson', 'parquet']),
    compress: z.enum(['none', 'gzip', 'snappy']).optional(),
    value: z
      .custom<(value: never, record: LogRecord) => unknown>(
        (value) => typeof value === 'function',
        'expected a function of value and record',
      )
      .optional(),
    columns: z
      .record(z.string().min(1), z.enum(parquetTypes))
      .refine((columns) => Object.keys(columns).length > 0, 'expected at least one column')
      .optional(),
  })
  .check((context) => {
    const { format, compress, columns } = context.value
    const refuse = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: context.value })
    if (format === 'ndjson' && compress === 'snappy')
      refuse('compress', `expected 'none' or 'gzip' for ndjson, got 'snappy'`)
    if (format === 'ndjson' && columns)
      refuse('columns', 'expected none for ndjson, whose lines have the fields that values have')
  })

/**
 * Archives values as files of NDJSON or Parquet, a file a batch, exactly once:
 * `DIR/STREAM/shardId-000000000003/FIRST-LAST-HASH.ndjson` and beside them `manifest.ndjson`, which lists them.
 *
 * Fails with `invalid_argument` for options that are wrong, a folder that cannot be written or is another archive's, and
 * values that the format cannot hold; retryable with `disk_full` when the disk is.
 */
export function toFiles<T>(options: ToFilesOptions<T>): Sink<T> {
  validate(optionsSchema, options, 'toFiles')
  return {
    name: 'toFiles',
    open: async (resources) => {
      const { pipeline } = resources
      const dir = typeof options.dir === 'string' ? options.dir : options.dir(pipeline)
      if (typeof dir !== 'string' || dir === '')
        throw new MillraceError(
          'invalid_argument',
          `toFiles: dir: expected the function to return a folder, got ${dir === '' ? 'an empty text' : typeof dir}`,
        )
      const { format } = options
      const folder = await claimFolder(resources, { dir, pipeline, format }).catch(
        (error: unknown) => {
          throw fileProblem(error, `toFiles: opening the archive "${dir}"`)
        },
      )
      return openFiles(resources, folder, options)
    },
  }
}

function openFiles<T>(
  resources: Resources,
  { root, archive }: ArchiveFolder,
  options: ToFilesOptions<T>,
): OpenSink<T> {
  const { pipeline, logger } = resources
  const encode = encoderOf(options)
  const extension = options.format === 'ndjson' && options.compress === 'gzip' ? '.gz' : ''
  const manifests = new Map<number, ManifestState>()
  const cleaned = new Set<number>()
  const inTurn = createTurns()

  const prepare = async (values: readonly T[], context: StepContext) => {
    const { stream, shard, shardId, signal } = context
    if (values.length === 0) return async () => undefined
    const bytes = await encode(values, context)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const span = spanOf(context)
    const name = `${pad(span.firstSequence)}-${pad(span.lastSequence)}-${sha256.slice(0, 16)}.${options.format}${extension}`
    if (signal.aborted) throw new MillraceError('aborted', 'the batch was given up')
    await inTurn(shardId, async () => {
      const folder = await makeShardFolder(root, context)
      if (!(await renewFile(join(folder, name), bytes.length)))
        await writeDurably(folder, name, [bytes])
    }).catch((error: unknown) => {
      throw fileProblem(error, `archiving a batch of stream "${stream}" under "${root}"`)
    })
    const file: ArchivedFile = {
      stream,
      shard,
      shardId,
      path: `${shardPath(context)}/${name}`,
      ...span,
      records: values.length,
      bytes: bytes.length,
      sha256,
    }
    return (client: PoolClient) =>
      insertArchivedFile(client, { pipeline, archive }, file).catch((error: unknown) => {
        throw toMillraceError(error, `archiving a batch of stream "${stream}"`)
      })
  }

  const committed = async (place: { stream: string; shard: number; shardId: number }) => {
    const { stream, shard, shardId } = place
    const event = { stream, shard }
    // The batch is committed: what fails here is repaired by the shard's next commit, and fails nothing.
    await inTurn(shardId, async () => {
      const folder = await makeShardFolder(root, place)
      if (!cleaned.has(shardId)) {
        const found = await removeOrphans(resources, { archive, folder, path: shardPath(place) })
        if (found.kept > 0) logger.warn({ ...event, ...found }, 'archive.unlisted')
        else if (found.removed > 0) logger.info({ ...event, ...found }, 'archive.cleaned')
        cleaned.add(shardId)
      }
      const state = manifests.get(shardId)
      manifests.delete(shardId)
      manifests.set(
        shardId,
        await updateManifest(resources, { archive, stream, shard }, folder, state),
      )
    }).catch((error: unknown) => {
      logger.warn({ ...event, error: messageOf(error) }, 'archive.manifest_failed')
    })
  }
  return { prepare, committed }
}

const gzipBytes = promisify(gzip)

function encoderOf<T>(
  options: ToFilesOptions<T>,
): (values: readonly T[], context: StepContext) => Promise<Uint8Array> {
  const { format, columns, compress } = options
  return async (values, context) => {
    const { value: map } = options
    const wanted = map
      ? values.map((value, place) => map(value, recordOf(context, place)))
      : (values as readonly unknown[])
    if (format === 'ndjson') {
      const text = Buffer.from(toLines(wanted, context))
      return compress === 'gzip' ? gzipBytes(text) : text
    }
    const codec: ParquetCodec = compress ?? 'snappy'
    if (columns) {
      const objects = wanted.map((value, place) => toObject(value, place, context))
      return objectsToParquet(objects, columns, codec, (place) => nameRecord(context, place))
    }
    const { stream, shard } = context
    if (wanted.every(isLogRecord)) return recordsToParquet(wanted, { stream, shard }, codec)
    throw new MillraceError(
      'invalid_argument',
      'toFiles: columns: expected the types of the columns for values that are not records, got none',
    )
  }
}

function toLines(values: readonly unknown[], context: StepContext): string {
  const { stream, shard } = context
  const lines = values.map((value, place) => {
    try {
      const line = toNdjsonLine(value, { stream, shard })
      if (line !== undefined) return line
    } catch {
      // A circle, or a date that is none: the error would say what is in it.
    }
    throw new MillraceError(
      'invalid_argument',
      `toFiles: expected what JSON can hold, got ${typeof value}, in the value of ${nameRecord(context, place)}`,
    )
  })
  return `${lines.join('\n')}\n`
}

function toObject(value: unknown, place: number, context: StepContext): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new MillraceError(
    'invalid_argument',
    `toFiles: expected objects, whose fields are columns, got ${value === null ? 'null' : typeof value}, in the value of ${nameRecord(context, place)}`,
  )
}

/** What a batch covers. Behind the results of a window the records are in no order. */
function spanOf(context: StepContext) {
  const { sequence, arrivedAt } = recordOf(context, 0)
  const span = {
    firstSequence: sequence,
    lastSequence: sequence,
    firstArrival: arrivedAt,
    lastArrival: arrivedAt,
  }
  for (const { sequence, arrivedAt } of context.records) {
    if (sequence < span.firstSequence) span.firstSequence = sequence
    if (sequence > span.lastSequence) span.lastSequence = sequence
    if (arrivedAt < span.firstArrival) span.firstArrival = arrivedAt
    if (arrivedAt > span.lastArrival) span.lastArrival = arrivedAt
  }
  return span
}

/** Decimal places of the largest number, so that names are in the order of numbers. */
function pad(sequence: bigint): string {
  return String(sequence).padStart(19, '0')
}

/** One at a time for each shard: what cleans a folder must not meet what is being written into it. */
function createTurns(): (shardId: number, work: () => Promise<void>) => Promise<void> {
  const last = new Map<number, Promise<void>>()
  return (shardId, work) => {
    const turn = (last.get(shardId) ?? Promise.resolve()).then(work)
    last.set(
      shardId,
      turn.catch(() => undefined),
    )
    return turn
  }
}
