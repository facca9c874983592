import type { Pool } from 'pg'
import { MillraceError } from '../../../base/errors.ts'
import { toMillraceError } from '../../../db/sqlstate.ts'
import { transaction } from '../../../db/transaction.ts'
import { quote, quoteTable, type TableName } from './table-name.ts'

/** What has to be known of a column to write it. */
export interface Column {
  name: string
  /** As SQL writes it, with its length or precision. */
  type: string
  /** How a value becomes JSON for it. */
  kind: 'json' | 'array' | 'plain'
  /** The database makes its values: it cannot be written. */
  isGenerated: boolean
  /** Its type's id, to compare with a declared one. */
  typeId: number
}

export interface TableShape {
  /** As SQL, with its schema. */
  name: string
  /** For people. */
  label: string
  columns: ReadonlyMap<string, Column>
  /** Each a set of columns that a primary key or a unique index holds. */
  uniqueKeys: readonly (readonly string[])[]
}

/** The table as it is; null when there is none. Fails with `invalid_argument` for a view, a sequence and so on. */
export async function readTableShape(
  deps: { pool: Pool },
  wanted: TableName,
): Promise<TableShape | null> {
  const label = labelOf(wanted)
  const { rows } = await deps.pool
    .query<{
      schema: string
      kind: string
      columns: Column[]
      unique_keys: string[][]
    }>(
      `select ns.nspname as schema,
              rel.relkind as kind,
              (select coalesce(json_agg(json_build_object(
                        'name', att.attname,
                        'type', format_type(att.atttypid, att.atttypmod),
                        'kind', case when typ.typname in ('json', 'jsonb') then 'json'
                                     when typ.typcategory = 'A' then 'array'
                                     else 'plain' end,
                        'isGenerated', att.attgenerated <> '' or att.attidentity = 'a',
                        'typeId', att.atttypid::bigint) order by att.attnum), '[]')
                 from pg_attribute att
                 join pg_type typ on typ.oid = att.atttypid
                where att.attrelid = rel.oid
                  and att.attnum > 0
                  and not att.attisdropped) as columns,
              (select coalesce(json_agg((select json_agg(att.attname)
                                           from unnest(idx.indkey::int[]) with ordinality as part (number, place)
                                           join pg_attribute att on att.attrelid = rel.oid and att.attnum = part.number
                                          where part.place <= idx.indnkeyatts)), '[]')
                 from pg_index idx
                where idx.indrelid = rel.oid
                  and idx.indisunique
                  and idx.indimmediate
                  and idx.indisvalid
                  and idx.indpred is null
                  and idx.indexprs is null) as unique_keys
         from pg_class rel
         join pg_namespace ns on ns.oid = rel.relnamespace
        where rel.oid = to_regclass($1)`,
      [quoteTable(wanted)],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, `looking up table "${label}"`)
    })
  const found = rows[0]
  if (!found) return null
  if (found.kind !== 'r' && found.kind !== 'p')
    throw new MillraceError(
      'invalid_argument',
      `toTable: expected "${label}" to be a table, it is a view, an index or something else; name a table`,
    )
  return {
    name: quoteTable({ schema: found.schema, table: wanted.table }),
    label,
    columns: new Map(found.columns.map((column) => [column.name, column])),
    uniqueKeys: found.unique_keys,
  }
}

/**
 * Makes the table unless somebody has.
 *
 * Locks: an advisory transaction lock, since two CREATE TABLE IF NOT EXISTS at a time fail on the catalogue's index.
 */
export async function createTable(
  deps: { pool: Pool },
  wanted: TableName,
  declared: { columns: Readonly<Record<string, string>>; key: readonly string[] | undefined },
): Promise<void> {
  const lines = Object.entries(declared.columns).map(([name, type]) => `${quote(name)} ${type}`)
  if (declared.key) lines.push(`primary key (${declared.key.map(quote).join(', ')})`)
  await transaction(deps.pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('millrace.to_table'))`)
    await client.query(`create table if not exists ${quoteTable(wanted)} (${lines.join(', ')})`)
  }).catch((error: unknown) => {
    throw toMillraceError(error, `creating table "${labelOf(wanted)}"`)
  })
}

/**
 * The ids of declared types, without `not null`. Fails with `invalid_argument`, naming column and type, for one that the
 * database does not know.
 */
export async function readTypeIds(
  deps: { pool: Pool },
  columns: Readonly<Record<string, string>>,
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (const [name, declared] of Object.entries(columns)) {
    const type = declared.replace(/\s+not null\s*$/i, '')
    // Before PostgreSQL 16 a type that is no type at all is a syntax error here, not null.
    const id = await deps.pool
      .query<{ id: string | null }>('select to_regtype($1)::oid as id', [type])
      .then(
        ({ rows }) => rows[0]?.id ?? null,
        (error: unknown) => {
          const failure = toMillraceError(error, 'looking up a type')
          if (failure.code !== 'database_rejected') throw failure
          return null
        },
      )
    if (id === null)
      throw new MillraceError(
        'invalid_argument',
        `toTable: columns.${name}: expected a type that the database knows, got "${type}"`,
      )
    ids.set(name, Number(id))
  }
  return ids
}

export function labelOf({ schema, table }: TableName): string {
  return schema === undefined ? table : `${schema}.${table}`
}
