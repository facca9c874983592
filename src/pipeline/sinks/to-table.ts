import type { PoolClient } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../../base/errors.ts'
import { shown } from '../../base/shown.ts'
import { validate } from '../../base/validate.ts'
import { sqlStateOf, sqlStates, toMillraceError } from '../../db/sqlstate.ts'
import type { OpenSink, Sink } from '../sink.ts'
import type { Resources, StepContext } from '../step.ts'
import { isIdentifier, parseTableName } from './table/table-name.ts'
import { toTableRows } from './table/table-rows.ts'
import {
  type Column,
  createTable,
  labelOf,
  readTableShape,
  readTypeIds,
  type TableShape,
} from './table/table-shape.ts'
import { type OnConflict, upsertStatement } from './table/upsert-statement.ts'

export interface ToTableOptions {
  /** `NAME` or `SCHEMA.NAME`; a function of the pipeline's name where a replay should write elsewhere. */
  table: string | ((pipeline: string) => string)
  /** The table's schema, for a table whose name has a dot in it. */
  schema?: string
  /**
   * Which fields are written, with their SQL types (`text`, `numeric(10,2) not null`): the table is made when it is
   * missing. Without it the table must exist, and every field of a value must be a column.
   */
  columns?: Readonly<Record<string, string>>
  /** The columns that name a row: the primary key of a table that is made, else those of one of its unique indexes. */
  key?: readonly string[]
  /**
   * What becomes of a value whose key is stored: an error (default without a key), the old row stays (default with one),
   * the new one replaces it, or some of its columns are added to the stored ones (partial counts of several shards), or
   * kept where greater or smaller, and the rest replaced. Null counts as nothing there.
   */
  onConflict?:
    | 'error'
    | 'ignore'
    | 'replace'
    | { add?: readonly string[]; max?: readonly string[]; min?: readonly string[] }
}

const identifier = z
  .string()
  .refine(isIdentifier, 'expected a name of 1 to 63 bytes, without a NUL character')
const names = z.array(identifier).min(1)
const typePattern =
  /^[a-z_][a-z0-9_]*(?:[ .][a-z_][a-z0-9_]*)*(?: ?\(\d+(?:, ?-?\d+)?\)(?: [a-z]+)*)?(?:\[\d*\])*(?: not null)?$/i

const optionsSchema = z
  .strictObject({
    table: z.union([z.string(), z.custom<(pipeline: string) => string>(isFunction)], {
      error: 'expected a name or a function that returns one',
    }),
    schema: identifier.optional(),
    columns: z
      .record(
        identifier,
        z
          .string()
          .max(128)
          .regex(typePattern, {
            error: ({ input }) =>
              `expected a type such as "text", "numeric(10,2) not null" or "text[]", got ${shown(input)}; for anything else create the table yourself and leave columns out`,
          }),
      )
      .refine((columns) => Object.keys(columns).length > 0, 'expected at least one column')
      .optional(),
    key: names.optional(),
    onConflict: z
      .union(
        [
          z.enum(['error', 'ignore', 'replace']),
          z.strictObject({ add: names.optional(), max: names.optional(), min: names.optional() }),
        ],
        { error: "expected 'error', 'ignore', 'replace' or { add, max, min } with column names" },
      )
      .optional(),
  })
  .check((context) => {
    const { columns, key, onConflict } = context.value
    const refuse = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: context.value })
    if (onConflict !== undefined && onConflict !== 'error' && key === undefined)
      refuse('key', `expected the columns that name a row, which onConflict needs; got none`)
    for (const [index, name] of (key ?? []).entries())
      if (key?.indexOf(name) !== index) refuse('key', `expected "${name}" once`)
      else if (columns && !Object.hasOwn(columns, name))
        refuse('key', `expected columns that are declared, got "${name}"`)
    if (typeof onConflict !== 'object') return
    const folded = [...(onConflict.add ?? []), ...(onConflict.max ?? []), ...(onConflict.min ?? [])]
    if (folded.length === 0) refuse('onConflict', 'expected columns in add, max or min, got none')
    for (const [index, name] of folded.entries())
      if (folded.indexOf(name) !== index || key?.includes(name))
        refuse('onConflict', `expected "${name}" once, and not in the key`)
      else if (columns && !Object.hasOwn(columns, name))
        refuse('onConflict', `expected columns that are declared, got "${name}"`)
  })

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

/**
 * Writes values as rows of a table, a batch in one statement, exactly once: the rows commit with the checkpoint.
 *
 * Fields become what their column holds: dates, bytes (bytea), bigints, number arrays (vector, halfvec or an array),
 * objects (json). A missing field is null. NUL, which no text of PostgreSQL can hold, becomes U+FFFD.
 *
 * Fails with `invalid_argument` for options that are wrong; opening it and its batches fail the same way for a table, a
 * column or a unique key that is missing, and with `database_rejected` for a row that the table refuses.
 */
export function toTable<T extends object>(options: ToTableOptions): Sink<T> {
  const parsed = validate(optionsSchema, options, 'toTable')
  const { key, columns } = parsed
  const onConflict = resolveConflict(parsed.onConflict, key)
  // A function's name is known when the pipeline is.
  if (typeof parsed.table === 'string') parseTableName(parsed.table, parsed.schema)
  return {
    name: 'toTable',
    open: async (resources) => {
      const given =
        typeof parsed.table === 'string' ? parsed.table : parsed.table(resources.pipeline)
      if (typeof given !== 'string')
        throw new MillraceError(
          'invalid_argument',
          `toTable: table: expected the function to return a name, got ${typeof given}`,
        )
      const wanted = parseTableName(given, parsed.schema)
      const typeIds = columns ? await readTypeIds(resources, columns) : undefined
      const read = async (): Promise<TableShape> => {
        const shape = await readTableShape(resources, wanted)
        if (!shape) throw missingTable(labelOf(wanted))
        return shape
      }
      if (columns && !(await readTableShape(resources, wanted)))
        await createTable(resources, wanted, { columns, key })
      const shape = await read()
      requireShape(shape, { typeIds, key, onConflict })
      return openTable<T>(resources, { shape, read, columns, key, onConflict })
    },
  }
}

function resolveConflict(
  given: z.output<typeof optionsSchema>['onConflict'],
  key: readonly string[] | undefined,
): OnConflict {
  if (typeof given !== 'object') return given ?? (key ? 'ignore' : 'error')
  return { add: given.add ?? [], max: given.max ?? [], min: given.min ?? [] }
}

function openTable<T extends object>(
  resources: Resources,
  input: {
    shape: TableShape
    read: () => Promise<TableShape>
    columns: Readonly<Record<string, string>> | undefined
    key: readonly string[] | undefined
    onConflict: OnConflict
  },
): OpenSink<T> {
  const { key } = input
  let { shape } = input
  /** A write failed: the table may have changed since it was looked at. */
  let isStale = false
  const pick = (wanted: readonly string[]): Column[] | undefined => {
    const found = wanted.flatMap((name) => shape.columns.get(name) ?? [])
    return found.length === wanted.length ? found : undefined
  }
  const columnsOf = async (values: readonly T[]): Promise<Column[]> => {
    const wanted = Object.keys(input.columns ?? {})
    if (!input.columns) {
      const fields = new Set<string>(key)
      for (const value of values) for (const name of Object.keys(value)) fields.add(name)
      wanted.push(...[...fields].sort())
    }
    const known = isStale ? undefined : pick(wanted)
    if (known) return known
    // Somebody may have added the column since.
    shape = await input.read()
    isStale = false
    for (const name of wanted) requireColumn(shape, name)
    return pick(wanted) ?? []
  }
  const prepare = async (values: readonly T[], context: StepContext) => {
    if (values.length === 0) return async () => undefined
    requireObjects(values, shape.label)
    const columns = await columnsOf(values)
    for (const { name } of columns) requireColumn(shape, name)
    if (columns.length === 0)
      throw new MillraceError(
        'invalid_argument',
        `table "${shape.label}": expected values with fields that are columns, got none; name the fields to write in toTable's columns`,
      )
    const rows = toTableRows(values, columns, { table: shape.label, key, context })
    const statement = upsertStatement(shape, columns, input)
    const { label } = shape
    return async (client: PoolClient) => {
      await client.query(statement, [rows]).catch((error: unknown) => {
        isStale = true
        throw writeFailure(error, label)
      })
    }
  }
  resources.logger.debug({ table: shape.label }, 'to_table.opened')
  return { prepare }
}

function requireObjects(values: readonly unknown[], label: string): void {
  // A list has no fields that are columns: it would be a row of nulls.
  const isWrong = (value: unknown) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
  const wrong = values.find(isWrong)
  if (wrong === undefined && !values.some(isWrong)) return
  throw new MillraceError(
    'invalid_argument',
    `table "${label}": expected objects, whose fields are columns, got ${Array.isArray(wrong) ? 'a list' : wrong === null ? 'null' : typeof wrong}; map the values to objects first${Array.isArray(wrong) ? ' (flatMap makes a value of each item)' : ''}`,
  )
}

function requireShape(
  shape: TableShape,
  wanted: {
    typeIds: ReadonlyMap<string, number> | undefined
    key: readonly string[] | undefined
    onConflict: OnConflict
  },
): void {
  const { typeIds, key, onConflict } = wanted
  for (const [name, id] of typeIds ?? []) {
    const column = requireColumn(shape, name)
    if (column.typeId !== id)
      throw new MillraceError(
        'invalid_argument',
        `toTable: expected column "${name}" of table "${shape.label}" to have its declared type, it is ${column.type}; change one of them`,
      )
  }
  const folded =
    typeof onConflict === 'string' ? [] : [...onConflict.add, ...onConflict.max, ...onConflict.min]
  for (const name of [...(key ?? []), ...folded]) requireColumn(shape, name)
  if (key === undefined || onConflict === 'error') return
  const isKey = (unique: readonly string[]) =>
    unique.length === key.length && unique.every((name) => key.includes(name))
  if (!shape.uniqueKeys.some(isKey))
    throw new MillraceError(
      'invalid_argument',
      `toTable: expected table "${shape.label}" to have a primary key or a unique index on (${key.join(', ')}), it has none; create one`,
    )
}

function requireColumn(shape: TableShape, name: string): Column {
  const column = shape.columns.get(name)
  if (!column)
    throw new MillraceError(
      'invalid_argument',
      `table "${shape.label}" has no column "${name}"; add it, or name the fields to write in toTable's columns`,
      { details: { table: shape.label, column: name } },
    )
  if (column.isGenerated)
    throw new MillraceError(
      'invalid_argument',
      `column "${name}" of table "${shape.label}" is generated by the database and cannot be written; leave it out`,
      { details: { table: shape.label, column: name } },
    )
  return column
}

function missingTable(label: string): MillraceError {
  return new MillraceError(
    'invalid_argument',
    `table "${label}" does not exist; create it, or give toTable its columns with their types`,
    { details: { table: label } },
  )
}

/** Names what the server names: table, column and constraint are safe to say, its message and detail quote rows. */
function writeFailure(error: unknown, label: string): MillraceError {
  const state = sqlStateOf(error)
  if (state === sqlStates.noTable) return missingTable(label)
  const failure = toMillraceError(error, `writing to table "${label}"`)
  if (failure.code !== 'database_rejected') return failure
  const said = error as { column?: unknown; constraint?: unknown }
  const column = typeof said.column === 'string' ? `, column "${said.column}"` : ''
  const constraint = typeof said.constraint === 'string' ? `, constraint "${said.constraint}"` : ''
  return new MillraceError('database_rejected', `${failure.message}${column}${constraint}`, {
    details: { ...failure.details, table: label },
    cause: error,
  })
}
