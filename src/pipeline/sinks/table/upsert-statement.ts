import { quote } from './table-name.ts'
import type { Column, TableShape } from './table-shape.ts'

/** What becomes of a value whose key is stored already. */
export type OnConflict =
  | 'error'
  | 'ignore'
  | 'replace'
  | { add: readonly string[]; max: readonly string[]; min: readonly string[] }

/**
 * The statement that writes a batch. Its one parameter is a JSON list with an object a value, whose field `c0` is the
 * first of `columns` and so on.
 *
 * Values of one key are folded into one row before the insert (a row cannot be updated twice by one statement), by the
 * database and not here: only it knows which keys of a type are equal.
 * Locks: the table's rows, in the order of the key, so two batches never wait for each other in a circle.
 */
export function upsertStatement(
  shape: TableShape,
  columns: readonly Column[],
  input: { key: readonly string[] | undefined; onConflict: OnConflict },
): string {
  const { key, onConflict } = input
  const place = (name: string) => `c${columns.findIndex((column) => column.name === name)}`
  const types = columns.map((column, index) => `c${index} ${column.type}`)
  const aliases = columns.map((_, index) => `c${index}`)
  const keyOrder = key?.map(place).join(', ')
  const isFolded = onConflict !== 'error' && onConflict !== 'ignore'
  const selected = columns.map(({ name }, index) => {
    const fold = key?.includes(name) ? undefined : foldOf(onConflict, name)
    return fold === undefined ? `c${index}` : `${foldFunctions[fold]}(c${index}) over same_key`
  })
  return [
    `insert into ${shape.name} as stored (${columns.map(({ name }) => quote(name)).join(', ')})`,
    `select ${isFolded ? `distinct on (${keyOrder}) ` : ''}${selected.join(', ')}`,
    `  from rows from (json_to_recordset($1::json) as (${types.join(', ')}))`,
    `       with ordinality as incoming (${aliases.join(', ')}, place)`,
    ...(isFolded
      ? [
          `window same_key as (partition by ${keyOrder} order by place desc`,
          '                    rows between unbounded preceding and unbounded following)',
        ]
      : []),
    ` order by ${keyOrder ? `${keyOrder}, ` : ''}place${isFolded ? ' desc' : ''}`,
    conflictClause(columns, key, onConflict),
  ].join('\n')
}

type Fold = 'add' | 'max' | 'min'

const foldFunctions = { add: 'sum', max: 'max', min: 'min' } as const

function foldOf(onConflict: OnConflict, column: string): Fold | undefined {
  if (typeof onConflict === 'string') return undefined
  if (onConflict.add.includes(column)) return 'add'
  if (onConflict.max.includes(column)) return 'max'
  if (onConflict.min.includes(column)) return 'min'
  return undefined
}

function conflictClause(
  columns: readonly Column[],
  key: readonly string[] | undefined,
  onConflict: OnConflict,
): string {
  if (onConflict === 'error' || key === undefined) return ''
  const target = `on conflict (${key.map(quote).join(', ')})`
  const others = columns.filter(({ name }) => !key.includes(name))
  if (onConflict === 'ignore' || others.length === 0) return `${target} do nothing`
  const changes = others.map(({ name }) => {
    const [old, now] = [`stored.${quote(name)}`, `excluded.${quote(name)}`]
    const fold = foldOf(onConflict, name)
    if (fold === undefined) return `${quote(name)} = ${now}`
    if (fold === 'add') return `${quote(name)} = coalesce(${old} + ${now}, ${old}, ${now})`
    return `${quote(name)} = ${fold === 'max' ? 'greatest' : 'least'}(${old}, ${now})`
  })
  return `${target} do update set ${changes.join(', ')}`
}
