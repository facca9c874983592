export interface Column {
  title: string
  align?: 'right'
}

/** Prints rows under their titles, in columns as wide as their widest cell; the last one is as long as it is. */
export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((width, row) => Math.max(width, (row[index] ?? '').length), title.length),
  )
  const print = (cells: readonly string[]) =>
    console.log(
      columns
        .map(({ align }, index) => {
          const cell = cells[index] ?? ''
          if (index === columns.length - 1) return cell
          const width = widths[index] ?? 0
          return align === 'right' ? cell.padStart(width) : cell.padEnd(width)
        })
        .join('  ')
        .trimEnd(),
    )
  print(columns.map(({ title }) => title))
  for (const row of rows) print(row)
}
