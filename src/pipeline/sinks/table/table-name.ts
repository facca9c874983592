import { MillraceError } from '../../../base/errors.ts'

export interface TableName {
  /** Undefined: wherever the connection's search path finds or makes it. */
  schema: string | undefined
  table: string
}

/** Reads `table` or `schema.table`, each of 1-63 bytes. Fails with `invalid_argument`. */
export function parseTableName(name: string, schema: string | undefined): TableName {
  const parts = schema === undefined ? name.split('.') : [schema, name]
  const [first = '', second] = parts
  if (parts.length > 2 || parts.some((part) => !isIdentifier(part)))
    throw new MillraceError(
      'invalid_argument',
      `toTable: table: expected NAME or SCHEMA.NAME, each of 1 to 63 bytes, got ${JSON.stringify(name.slice(0, 140))}`,
    )
  if (first === 'millrace' && second !== undefined)
    throw new MillraceError(
      'invalid_argument',
      `toTable: table: expected a table outside the schema "millrace", which is Millrace's own, got ${JSON.stringify(name)}`,
    )
  return second === undefined
    ? { schema: undefined, table: first }
    : { schema: first, table: second }
}

/** True for a name that PostgreSQL takes whole: it cuts off what is longer, in silence. */
export function isIdentifier(name: string): boolean {
  return name.length > 0 && Buffer.byteLength(name) <= 63 && !name.includes('\0')
}

/** The name as SQL. */
export function quoteTable({ schema, table }: TableName): string {
  return schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
