import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import { validate } from '../base/validate.ts'
import { streamName } from '../log/stream-name.ts'
import { compileFilters, type FilterPattern } from './filter/filter-pattern.ts'

/** The knobs of a pipeline: those of an AWS Lambda event source mapping, with their meaning, unless said otherwise. */
export interface PipelineOptions {
  /** 1-64 letters, digits, `_`, `.`, `-`. Its checkpoints are stored under it: another name starts over. */
  name: string
  /** The stream it follows; instead of it `streams`. It need not exist yet. */
  stream?: string
  /** Several streams, or all there are and will be. Order is kept within each shard. */
  streams?: readonly string[] | 'all'
  /**
   * Where it begins the first time: at the oldest record kept, behind the newest, or at a moment (not in the future).
   * Shards that come later are read from their beginning. Default TRIM_HORIZON.
   */
  start?: 'TRIM_HORIZON' | 'LATEST' | { type: 'AT_TIMESTAMP'; timestamp: Date | string }
  batch?: {
    /** Most records of one call of a step, 1-10,000. Default 2,000. */
    records?: number
    /** Most bytes of them, keys counted, 1 KiB-64 MiB; one larger record comes alone. Default 4 MiB. */
    bytes?: number
    /** How long a batch that is not full waits for more, from its first record's arrival, 0-300,000 ms. Default 0. */
    windowMs?: number
  }
  /** Calls at a time for one shard, 1-10: records of one partition key stay in order. Default 1. */
  parallelization?: number
  /** At most 10, ORed: only records that match one reach the steps; the others count as done. */
  filters?: readonly FilterPattern[]
  retry?: {
    /** Calls that one record (without `bisect`: one batch) may fail, 1-10,000, or for ever. Default 3. */
    attempts?: number | 'unlimited'
    /** Older records go to the failure destination untried, 60,000-604,800,000 ms. Default: no age is too old. */
    maxAgeMs?: number
    /** Halve a failing batch until the one record that fails is alone; uses up no attempts. Default true. */
    bisect?: boolean
    /** Wait before the second attempt; it doubles with each, up to 30 s. Default 200 ms. */
    backoffMs?: number
  }
  /** What becomes of records that are given up: kept as dead letters (default), put into a stream, or dropped. */
  onFailure?: 'dead_letters' | 'discard' | { stream: string }
  /** Shards one process works at a time for this pipeline, 1-64. Default: as many as the process may. */
  concurrency?: number
}

/** A whole number; the message has the range and what was found. */
export const whole = (least: number, most: number) =>
  z.custom<number>(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    {
      error: ({ input }) =>
        `expected a whole number from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}, got ${shown(input)}`,
    },
  )

const timeError = {
  error: 'expected a Date or an ISO time with its zone, such as 2026-11-27T10:00:00Z',
}

const startSchema = z.union(
  [
    z.enum(['TRIM_HORIZON', 'LATEST']),
    z.strictObject({
      type: z.literal('AT_TIMESTAMP'),
      timestamp: z.union([z.date(timeError), z.iso.datetime({ offset: true, ...timeError })]),
    }),
  ],
  { error: "expected 'TRIM_HORIZON', 'LATEST' or { type: 'AT_TIMESTAMP', timestamp }" },
)

const nameSchema = (what: string, pattern: RegExp) =>
  z.string().regex(pattern, {
    error: ({ input }) =>
      `expected ${what} (letters, digits, "_", "." and "-"), got ${shown(input)}`,
  })
const streamSchema = nameSchema('a stream name of 1-128 characters', streamName)

const optionsSchema = z
  .strictObject({
    name: nameSchema('a name of 1-64 characters', /^[a-zA-Z0-9_.-]{1,64}$/),
    stream: streamSchema.optional(),
    streams: z
      .union([z.literal('all'), z.array(streamSchema).min(1)], {
        error: ({ input }) =>
          `expected 'all' or a list of stream names (letters, digits, "_", "." and "-"), got ${shown(input)}; a single one is stream: NAME`,
      })
      .optional(),
    start: startSchema.default('TRIM_HORIZON'),
    batch: z
      .strictObject({
        records: whole(1, 10_000).default(2_000),
        bytes: whole(1024, 64 * 1024 * 1024).default(4 * 1024 * 1024),
        windowMs: whole(0, 300_000).default(0),
      })
      .prefault({}),
    parallelization: whole(1, 10).default(1),
    filters: z.array(z.unknown()).max(10).default([]),
    retry: z
      .strictObject({
        attempts: z
          .custom<number | 'unlimited'>(
            (value) => value === 'unlimited' || whole(1, 10_000).safeParse(value).success,
            {
              error: ({ input }) =>
                `expected a whole number from 1 to 10,000, or 'unlimited', got ${shown(input)}`,
            },
          )
          .default(3),
        maxAgeMs: whole(60_000, 604_800_000).optional(),
        bisect: z.boolean().default(true),
        backoffMs: whole(0, 30_000).default(200),
      })
      .prefault({}),
    onFailure: z
      .union([z.enum(['dead_letters', 'discard']), z.strictObject({ stream: streamSchema })], {
        error: "expected 'dead_letters', 'discard' or { stream: NAME }",
      })
      .default('dead_letters'),
    concurrency: whole(1, 64).optional(),
  })
  .check((context) => {
    const { stream, streams, batch, retry, onFailure } = context.value
    const refuse = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: context.value })
    if ((stream === undefined) === (streams === undefined))
      refuse(
        'stream',
        `expected either stream or streams, got ${stream === undefined ? 'neither' : 'both'}`,
      )
    if (retry.maxAgeMs !== undefined && batch.windowMs >= retry.maxAgeMs)
      refuse(
        'batch.windowMs',
        `expected it to be below retry.maxAgeMs (${retry.maxAgeMs}), got ${batch.windowMs}: records would be too old before their batch is full`,
      )
    if (typeof onFailure === 'object') {
      const own = streams ?? (stream === undefined ? [] : [stream])
      if (own === 'all' || own.includes(onFailure.stream))
        refuse(
          'onFailure.stream',
          `expected a stream that the pipeline does not follow, got "${onFailure.stream}": failed records would come back for ever`,
        )
    }
  })

/** The options with their defaults, checked. */
export interface ResolvedOptions {
  name: string
  streams: readonly string[] | 'all'
  start: 'TRIM_HORIZON' | 'LATEST' | { type: 'AT_TIMESTAMP'; timestamp: Date }
  batch: { records: number; bytes: number; windowMs: number }
  parallelization: number
  filters: readonly FilterPattern[]
  retry: {
    attempts: number
    maxAgeMs: number | undefined
    bisect: boolean
    backoffMs: number
  }
  onFailure: 'dead_letters' | 'discard' | { stream: string }
  concurrency: number | undefined
}

/** Checks a pipeline's options. Fails with `invalid_argument`, naming the pipeline and every field that is wrong. */
export function parseOptions(options: PipelineOptions): ResolvedOptions {
  const name: unknown = (options as { name?: unknown } | undefined)?.name
  const subject = typeof name === 'string' ? `pipeline "${name}"` : 'a pipeline'
  const parsed = validate(optionsSchema, options, subject)
  const { start } = parsed
  const timestamp = typeof start === 'object' ? new Date(start.timestamp) : undefined
  if (timestamp && timestamp.getTime() > Date.now())
    throw new MillraceError(
      'invalid_argument',
      `${subject}: start.timestamp: expected a moment that is not in the future, got ${timestamp.toISOString()}`,
    )
  const filters = parsed.filters as readonly FilterPattern[]
  // Compiled here only to refuse a wrong one where it is written.
  compileFilters(filters, subject)
  return {
    name: parsed.name,
    streams: parsed.streams ?? [parsed.stream ?? ''],
    start: timestamp ? { type: 'AT_TIMESTAMP', timestamp } : (start as 'TRIM_HORIZON' | 'LATEST'),
    batch: parsed.batch,
    parallelization: parsed.parallelization,
    filters,
    retry: {
      ...parsed.retry,
      maxAgeMs: parsed.retry.maxAgeMs,
      attempts:
        parsed.retry.attempts === 'unlimited' ? Number.POSITIVE_INFINITY : parsed.retry.attempts,
    },
    onFailure: parsed.onFailure,
    concurrency: parsed.concurrency,
  }
}
