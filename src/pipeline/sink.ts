import type { PoolClient } from 'pg'
import { requireFunction } from './require-function.ts'
import type { PartialFailure, Resources, StepContext } from './step.ts'

/**
 * Writes a batch's effects in the transaction that also moves the checkpoint past it: both happen, or neither. Use only
 * this connection, and keep it short: the slow work belongs before it.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a write that names no failures returns nothing
export type Write = (client: PoolClient) => Promise<PartialFailure | void>

export interface OpenSink<T> {
  /** The slow part, outside any transaction; what it returns is run inside. It may come again for the same values. */
  prepare(values: readonly T[], context: StepContext): Promise<Write> | Write
  /** After a commit of this shard by this process. A crash can skip it. */
  committed?(place: { stream: string; shard: number; shardId: number }): Promise<void>
}

/** Where a pipeline's values go. */
export interface Sink<T> {
  readonly name: string
  /** The stream that it writes to, if it does: a pipeline that follows that one is refused. */
  readonly stream?: string
  open(resources: Resources): OpenSink<T> | Promise<OpenSink<T>>
}

/** A sink of your own: `write` gets the batch's transaction. */
export function sink<T>(
  name: string,
  write: (
    client: PoolClient,
    values: readonly T[],
    context: StepContext,
    // biome-ignore lint/suspicious/noConfusingVoidType: see Write
  ) => Promise<PartialFailure | void>,
): Sink<T> {
  requireFunction(write, 'sink', 'sink(NAME, write)')
  return {
    name,
    open: () => ({ prepare: (values, context) => (client) => write(client, values, context) }),
  }
}
