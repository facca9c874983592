import { MillraceError } from '../../../base/errors.ts'
import type { StepContext } from '../../step.ts'
import { isNumberArray, toPlain } from '../plain-json.ts'
import { nameRecord } from '../record-of.ts'
import type { Column } from './table-shape.ts'

/**
 * The batch as the JSON that upsertStatement takes. Dates are ISO text, bytes `\x` hex, bigints decimal text, typed
 * arrays what pgvector and arrays read, missing fields null. PostgreSQL's text has no NUL and no half of a surrogate
 * pair: each becomes U+FFFD, as a parsed log line's does.
 *
 * Fails with `invalid_argument`, naming table, column and record, for what cannot be written.
 */
export function toTableRows(
  values: readonly object[],
  columns: readonly Column[],
  input: { table: string; key: readonly string[] | undefined; context: StepContext },
): string {
  const keys = new Set(input.key)
  const refuse = (column: string, place: number, problem: string, cause?: unknown): never => {
    throw new MillraceError(
      'invalid_argument',
      `table "${input.table}", column "${column}": ${problem}, in the value of ${nameRecord(input.context, place)}`,
      cause === undefined ? {} : { cause },
    )
  }
  const rows = values.map((value, place) => {
    const row: Record<string, unknown> = {}
    for (const [index, column] of columns.entries()) {
      const field = (value as Record<string, unknown>)[column.name]
      if (field === undefined || field === null) {
        if (keys.has(column.name)) refuse(column.name, place, 'expected a key, got none')
        continue
      }
      try {
        row[`c${index}`] = toField(field, column.kind)
      } catch (error) {
        refuse(column.name, place, `expected what JSON can hold, got ${kindOf(error)}`, error)
      }
    }
    return row
  })
  return JSON.stringify(rows)
}

function toField(value: unknown, kind: Column['kind']): unknown {
  if (typeof value === 'string') return safe(value)
  if (kind === 'json') return safeTree(toPlain(value))
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (typeof value === 'object' && value !== null && isNumberArray(value))
    return kind === 'array' ? Array.from(value) : `[${value.join(',')}]`
  if (Array.isArray(value)) return value.map((item) => toItem(item, kind))
  return safeTree(toPlain(value))
}

/** Of a list for an array column, so that its dates and bytes are written as a column's are. */
function toItem(item: unknown, kind: Column['kind']): unknown {
  return item === null || item === undefined ? null : toField(item, kind)
}

function safe(text: string): string {
  const whole = text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
  return whole.isWellFormed() ? whole : whole.toWellFormed()
}

/** Texts and names inside of JSON. */
function safeTree(value: unknown): unknown {
  if (typeof value === 'string') return safe(value)
  if (Array.isArray(value)) return value.map(safeTree)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [safe(key), safeTree(item)]))
}

function kindOf(error: unknown): string {
  if (error instanceof TypeError) return 'a promise, a Map or a Set'
  return error instanceof RangeError ? 'a circle or a date that is none' : 'something else'
}
