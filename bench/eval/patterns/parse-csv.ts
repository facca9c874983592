/** The rows of a CSV text as RFC 4180 has it: quoted fields may hold commas, line ends and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (at < text.length) {
    let field = ''
    if (text[at] === '"') {
      at += 1
      for (;;) {
        const quote = text.indexOf('"', at)
        const end = quote < 0 ? text.length : quote
        field += text.slice(at, end)
        at = end + 1
        if (text[at] !== '"') break
        field += '"'
        at += 1
      }
    }
    const start = at
    while (at < text.length && text[at] !== ',' && text[at] !== '\n') at += 1
    const rest = text.slice(start, at)
    row.push(field + (rest.endsWith('\r') ? rest.slice(0, -1) : rest))
    if (text[at] !== ',') {
      rows.push(row)
      row = []
    }
    at += 1
  }
  if (row.length > 0) rows.push(row)
  return rows
}
