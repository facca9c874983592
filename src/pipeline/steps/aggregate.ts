import { z } from 'zod'
import { validate } from '../../base/validate.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { whole } from '../pipeline-options.ts'
import type { Window, WindowStep } from '../step.ts'

export interface AggregateOptions<I, S, O> {
  /** Length of a window, 1,000-86,400,000 ms; windows begin at multiples of it since 1970, UTC. */
  windowMs: number
  /** What has a state of its own within a window. Default: everything has one together. */
  key?: (value: I, record: LogRecord) => string
  /** The state before a window's first value. States must survive JSON, and are at most 1 MiB a shard together. */
  initial: () => S
  /** The state with one more value; it may change `state` and return it. */
  add: (state: S, value: I, record: LogRecord) => S
  /** What a closed window yields for each key. */
  result: (state: S, window: Window) => O
  /** Default `aggregate`. */
  name?: string
}

const schema = z.strictObject({
  windowMs: whole(1_000, 86_400_000),
  key: z.instanceof(Function).optional(),
  initial: z.instanceof(Function),
  add: z.instanceof(Function),
  result: z.instanceof(Function),
  name: z.string().min(1).max(64).optional(),
})

/**
 * Folds values into tumbling windows, as an AWS Lambda event source mapping does: by the records' arrival, for each
 * shard on its own. The state moves with the checkpoint, so a value counts once, whatever crashes. A window closes when
 * the shard's records are past it, when its time is over and the shard is read to its end, or with the shard; then it
 * yields one result a key. A key that lives in several shards has a result from each: add them up where they are stored
 * (`toTable` with `onConflict: { add }`).
 */
export function aggregate<I, S, O>(options: AggregateOptions<I, S, O>): WindowStep<I, O> {
  validate(schema, options, 'aggregate')
  const { windowMs, key = () => '', initial, add, result, name = 'aggregate' } = options
  return {
    name,
    shape: 'window',
    windowMs,
    key,
    fold: (state, value, record) =>
      add(state === undefined ? initial() : (state as S), value, record),
    result: (state, window) => result(state as S, window),
  }
}
