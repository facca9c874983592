import type { PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import type { Write } from '../sink.ts'
import { PartialFailure } from '../step.ts'
import { guardClient } from './guard-client.ts'

/** Most time that one statement, and one sink's write, may take. */
export const writeMs = 120_000

/**
 * Runs sinks' writes in a transaction, one after the other. Returns the first that names records as failed; then, and
 * when it throws, the transaction is to be rolled back. `onSink` hears whose turn it is.
 */
export async function writeAll(
  client: PoolClient,
  writes: readonly { sink: string; write: Write }[],
  onSink?: (sink: string) => void,
): Promise<{ sink: string; failure: PartialFailure } | null> {
  for (const { sink, write } of writes) {
    onSink?.(sink)
    const guarded = guardClient(client)
    try {
      const failure = await inTime(write(guarded.client))
      guarded.checkPause()
      if (failure instanceof PartialFailure) return { sink, failure }
      if (failure !== undefined)
        throw new MillraceError(
          'step_failed',
          `expected its write to return nothing or a PartialFailure, got a ${typeof failure}`,
        )
      // However it was ended, past what the guard can see: nothing of the batch may count as committed.
      if (client.getTransactionStatus() === 'I')
        throw new MillraceError(
          'step_failed',
          'expected its write to leave the batch’s transaction open, it is over',
        )
    } finally {
      guarded.close()
    }
  }
  return null
}

/** What waits for something other than its connection must not hold the checkpoint for ever. */
async function inTime<T>(writing: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      new MillraceError(
        'step_failed',
        `its write did not end within ${writeMs} ms; do the slow work before the transaction`,
      ),
    )
  }, writeMs + 1_000)
  return Promise.race([writing, late.promise]).finally(() => clearTimeout(timer))
}
