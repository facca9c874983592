import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { timeOfSequence } from '../../log/sequence.ts'
import type { Window, WindowStep } from '../step.ts'
import type { Items } from './run-steps.ts'
import { describeThrown, markBehindWindow } from './step-error.ts'
import { withoutPayload } from './without-payload.ts'

/** The window of one step and shard that is open: records come in the order of time, so there is one at most. */
export interface OpenWindow {
  /** ms since 1970. */
  start: number
  end: number
  /** By key: the state, and the last sequence number that went into it. */
  entries: Readonly<Record<string, readonly [state: unknown, sequence: string]>>
}

export interface FoldResult {
  window: OpenWindow | null
  /** The window's entries as they are stored; null without one. */
  state: string | null
  results: Items
}

/** As AWS Lambda has it: a state over this, as JSON, closes its window early. */
export const maxStateBytes = 1024 * 1024

/**
 * Folds items, in their order, into a step's window and closes what `until` (ms; all windows that end then or before)
 * has passed. Pure: the state it is given stays as it was, so a batch that is not committed changes nothing.
 * The time of a record is its sequence number's, which never goes back within a shard.
 */
export function foldWindow(
  step: WindowStep<never, unknown>,
  before: OpenWindow | null,
  items: Items,
  until: number,
): FoldResult {
  const values: unknown[] = []
  const records: LogRecord[] = []
  let open = before ? { ...before, entries: new Map(Object.entries(before.entries)) } : null
  /** Keys whose state is a copy already. */
  let own = new Set<string>()

  const close = (isEarly: boolean) => {
    if (!open) return
    const window = { start: new Date(open.start), end: new Date(open.end), isEarly }
    for (const [key, [state, sequence]] of open.entries) {
      values.push(resultOf(step, state, { ...window, key }))
      records.push({
        sequence: BigInt(sequence),
        partitionKey: key,
        data: Buffer.alloc(0),
        arrivedAt: window.end,
      })
    }
    open = null
    own = new Set()
  }

  for (const [index, record] of items.records.entries()) {
    const at = timeOfSequence(record.sequence).getTime()
    if (open && at >= open.end) close(false)
    if (!open) {
      const start = Math.floor(at / step.windowMs) * step.windowMs
      open = { start, end: start + step.windowMs, entries: new Map() }
    }
    const value = items.values[index] as never
    const key: unknown = step.key(value, record)
    if (typeof key !== 'string')
      throw new MillraceError(
        'step_failed',
        `expected its key to be a string, got ${key === null ? 'null' : `a ${typeof key}`}`,
      )
    const known = open.entries.get(key)
    const state = known && !own.has(key) ? structuredClone(known[0]) : known?.[0]
    own.add(key)
    open.entries.set(key, [step.fold(state, value, record), String(record.sequence)])
  }
  if (open && until >= open.end) close(false)
  let state = open ? toState(Object.fromEntries(open.entries)) : null
  if (state !== null && Buffer.byteLength(state) > maxStateBytes) {
    close(true)
    state = null
  }
  const window =
    open && state !== null
      ? { start: open.start, end: open.end, entries: JSON.parse(state) as OpenWindow['entries'] }
      : null
  return { window, state, results: { values, records } }
}

function resultOf(step: WindowStep<never, unknown>, state: unknown, window: Window): unknown {
  try {
    return step.result(state, window)
  } catch (error) {
    throw markBehindWindow(
      new MillraceError(
        'step_failed',
        `its result could not be made: ${withoutPayload(describeThrown(error), [], [state, window.key])}`,
        { cause: error },
      ),
    )
  }
}

/** Entries as they are stored. What JSON cannot hold is refused, so that a take-over finds what was there. */
function toState(entries: OpenWindow['entries']): string {
  try {
    return JSON.stringify(entries, (_, value: unknown) => {
      if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
        throw new Error(`got ${String(value)}`)
      return value
    })
  } catch (error) {
    throw new MillraceError(
      'step_failed',
      `expected its state to survive JSON (no undefined, NaN, bigint, Map or circle): ${error instanceof Error ? error.name : 'it does not'}`,
      { cause: error },
    )
  }
}
