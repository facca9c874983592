import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Embedder } from '../embed/embedder.ts'
import type { LogRecord } from '../log/read-records.ts'

/** What steps and sinks are opened with, once a process and pipeline. */
export interface Resources {
  pool: Pool
  logger: Logger
  /** The name that the pipeline runs under: a replay's own. */
  pipeline: string
  /** The configured embedder, with its cache, and the id its vectors are stored under. */
  embedding: () => Promise<{ embedder: Embedder; modelId: number }>
}

/** Part of a shard: what is behind `after` (the checkpoint, as it stands), up to `to`. */
export interface Span {
  after: bigint
  to: bigint
}

/** What a call of a step or a sink is about. */
export interface StepContext {
  pipeline: string
  stream: string
  /** The shard's number in its stream. */
  shard: number
  shardId: number
  /** The record behind each value, in the values' order; behind a window's result the last one that it counts. */
  records: readonly LogRecord[]
  /** The records that are committed together, of which these are some; null for a record out of its order, redriven. */
  span: Span | null
  /** Aborts when the call's time is over, the lease is lost or the worker stops. What it started must end then. */
  signal: AbortSignal
  /** Counts what was asked of an embedding provider, for the pipeline's status. */
  countEmbedding(usage: { requests: number; tokens: number }): void
  /**
   * Counts what was taken out of a record, by rule, for the pipeline's status: it is written with the batch that the
   * record commits in, once. Call it when the call's work is done: what a call counted before it failed stays counted.
   */
  countRedactions(sequence: bigint, counts: Readonly<Record<string, number>>): void
}

/** Says which records failed; those before the first of them go on, it and what follows is tried again. */
export class PartialFailure {
  readonly failed: readonly bigint[]
  /** Why, for the status. Never a payload. */
  readonly reason: string
  /** What was thrown for the first of them; it is told without what it quotes of the record. */
  readonly cause: unknown

  constructor(
    failed: readonly bigint[],
    reason = 'it names this record as failed',
    options: { cause?: unknown } = {},
  ) {
    if (!Array.isArray(failed))
      throw new MillraceError(
        'step_failed',
        'expected a PartialFailure to be given a list of sequence numbers: new PartialFailure([record.sequence])',
      )
    this.failed = failed
    this.reason = String(reason)
    this.cause = options.cause
  }
}

/** What one call makes of its values. A PartialFailure beside `values` names the records whose value is meaningless. */
export interface PartialResult<O> {
  values: readonly O[]
  failure: PartialFailure
}

/** How a call's results belong to its values: one each; true for those to keep; a list each, also an empty one. */
export type StepShape = 'each' | 'keep' | 'spread'

export interface StepOptions {
  /** Most time one call may take, 1-3,600,000 ms; then its signal aborts and the call counts as failed. Default 60,000. */
  timeoutMs?: number
  /** Calls made again, at once and with a growing wait, before the batch counts as failed. Default: none. */
  retry?: {
    /** Calls in all, 1-10. Default 1. */
    attempts?: number
    /** Before the second call; doubles with each. Default 200 ms. */
    backoffMs?: number
  }
}

/** An opened step: as many results as values, in their order. */
export type StepRun<I, R> = (
  values: readonly I[],
  context: StepContext,
) =>
  | Promise<readonly R[] | PartialResult<R> | PartialFailure>
  | readonly R[]
  | PartialResult<R>
  | PartialFailure

/**
 * One function of a pipeline, over a batch. Calls for one partition key are made in the records' order, those for
 * different keys may overlap (`parallelization`). A call may come again for the same records after a failure or a crash.
 */
export interface Step<I, O> {
  readonly name: string
  readonly shape: StepShape
  readonly options: StepOptions
  /** Made once a process and pipeline, before the first batch: for caches and connections. */
  open(resources: Resources): StepRun<I, unknown> | Promise<StepRun<I, unknown>>
  /** What the next step gets; a type only. */
  readonly yields?: O
}

/** Folds values into the state of tumbling windows; see steps/aggregate.ts. */
export interface WindowStep<I, O> {
  readonly name: string
  readonly shape: 'window'
  readonly windowMs: number
  /** One value into a key's state, which is undefined at its window's first. */
  fold(state: unknown, value: I, record: LogRecord): unknown
  key(value: I, record: LogRecord): string
  result(state: unknown, window: Window): O
}

/** A tumbling window of one shard, by the records' arrival; `isEarly` when its state outgrew its limit. */
export interface Window {
  key: string
  start: Date
  end: Date
  isEarly: boolean
}
