export interface Table {
  title: string
  columns: string[]
  rows: (string | number)[][]
}

/** A table as Markdown, its columns aligned: numbers to the right, with thousands separated. */
export function renderTable(table: Table): string {
  const cells = [table.columns, ...table.rows.map((row) => row.map(toText))]
  const widths = table.columns.map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const isNumeric = table.columns.map((_, column) =>
    table.rows.some((row) => typeof row[column] === 'number'),
  )
  const line = (row: readonly string[]) =>
    `| ${widths
      .map((width, column) => {
        const cell = row[column] ?? ''
        return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width)
      })
      .join(' | ')} |`
  const rule = widths.map((width, column) =>
    isNumeric[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  const [head = [], ...body] = cells
  return [`**${table.title}**`, '', line(head), line(rule), ...body.map(line)].join('\n')
}

function toText(cell: string | number): string {
  if (typeof cell === 'string') return cell
  if (!Number.isFinite(cell)) return '-'
  const digits = Math.abs(cell) >= 100 ? 0 : Math.abs(cell) >= 10 ? 1 : 2
  return cell.toLocaleString('en', { maximumFractionDigits: digits })
}
