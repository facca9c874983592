import type { PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { splitStatements } from '../../db/embedded/split-statements.ts'
import { transactionIdleMs } from '../../db/transaction.ts'

export interface GuardedClient {
  client: PoolClient
  /** Throws when the write has left the transaction alone for longer than a server lets one stand. */
  checkPause(): void
  /** From now on it takes no query any more. */
  close(): void
}

/**
 * A transaction's connection for somebody else's code, as long as it may have it. What a sink left running when it failed
 * or was late would otherwise send its next query after the rollback: outside any transaction, or into a stranger's. And
 * one that ends the transaction would part its effects from the checkpoint's: they happen twice, or their records never.
 */
export function guardClient(client: PoolClient): GuardedClient {
  let isClosed = false
  let underWay = 0
  let idleSince = performance.now()
  const follow = (result: unknown) => {
    if (!(result instanceof Promise)) {
      // A query with a callback, or an object of its own: when it ends is not known here.
      idleSince = Number.POSITIVE_INFINITY
      return result
    }
    underWay += 1
    const ended = () => {
      underWay -= 1
      idleSince = performance.now()
    }
    result.then(ended, ended)
    return result
  }
  const pauseError = () => {
    const seconds = Math.floor((performance.now() - idleSince) / 1_000)
    if (underWay > 0 || seconds < transactionIdleMs / 1_000) return null
    // Nobody's fault for certain: the process may have been frozen.
    return new MillraceError(
      'conflict',
      `expected at most ${transactionIdleMs / 1_000} s between two statements of its write, got ${seconds}: the server has ended the transaction; do slow work in a step, or in prepare`,
      { retryable: true },
    )
  }
  const query = (...args: unknown[]): unknown => {
    const problem = isClosed
      ? 'the batch’s transaction is over; a write must wait for all of its queries before it returns or throws'
      : problemOf(textOf(args[0]))
    const error = problem === null ? pauseError() : new MillraceError('step_failed', problem)
    if (error === null)
      return follow((client.query as (...all: unknown[]) => unknown).apply(client, args))
    const callback = args.at(-1)
    if (typeof callback !== 'function') return Promise.reject(error)
    callback(error)
    return undefined
  }
  const keep = () => {
    throw new MillraceError(
      'step_failed',
      'expected a write to leave its connection open, it released or ended it; the batch’s transaction still needs it',
    )
  }
  return {
    client: Object.create(client, {
      query: { value: query },
      release: { value: keep },
      end: { value: keep },
    }) as PoolClient,
    checkPause: () => {
      const error = pauseError()
      if (error) throw error
    },
    close: () => {
      isClosed = true
    },
  }
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query
  const text = (query as { text?: unknown } | null | undefined)?.text
  return typeof text === 'string' ? text : ''
}

const suspects =
  /\b(?:begin|start|commit|end|abort|rollback|prepare|set|reset|discard|set_config)\b/i
const ending =
  /^(?:begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i
const lasting = /^(?:set\b(?!\s+(?:local|constraints|transaction)\b)|reset\b|discard\b)/i
/** Not seen where the value has parentheses of its own. */
const lastingCall = /\bset_config\s*\([^()]*,\s*(?:false|'f(?:alse)?')\s*\)/i

/** What a write may not send. Found where a statement starts; what hides in a function is not. */
function problemOf(sql: string): string | null {
  if (!suspects.test(sql)) return null
  for (const statement of splitStatements(sql)) {
    const [end] = ending.exec(statement) ?? []
    if (end !== undefined)
      return `expected a write to leave its transaction open, got ${end.toUpperCase()}: the batch commits with its checkpoint, or not at all; a savepoint can undo a part`
    const [setting] = lasting.exec(statement) ?? (lastingCall.test(statement) ? ['set_config'] : [])
    if (setting !== undefined)
      return `expected settings for the batch’s transaction only (SET LOCAL, or true as the last argument of set_config), got ${setting.toUpperCase()}: others use the connection afterwards`
  }
  return null
}
