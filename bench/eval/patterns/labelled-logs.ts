import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseCsv } from './parse-csv.ts'

export interface LabelledLine {
  /** 1, 2, 3, ... as in the file. */
  number: number
  /** The line as it was logged. */
  raw: Buffer
  /** Its message, without what the labelled file calls the header. */
  content: string
  /** The statement that wrote it, as the labels have it. */
  eventId: string
  template: string
}

export interface LabelledLog {
  system: string
  lines: LabelledLine[]
}

const suffix = '.log_structured.csv'

/** The labelled logs of a folder with Loghub's layout, or of one system's folder, by name. */
export async function readLabelledLogs(dir: string): Promise<LabelledLog[]> {
  const own = await labelledNames(dir)
  const folders = own.length > 0 ? [dir] : await subfolders(dir)
  const logs = await Promise.all(
    folders.map(async (folder) => {
      const names = await labelledNames(folder)
      return Promise.all(names.map((name) => readLabelledLog(folder, name)))
    }),
  )
  const found = logs.flat()
  if (found.length === 0)
    throw new Error(`expected <System>_2k.log with <System>_2k${suffix} in ${dir}, found none`)
  return found
}

async function subfolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(dir, entry.name))
    .sort()
}

async function labelledNames(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith(suffix)).sort()
}

async function readLabelledLog(dir: string, name: string): Promise<LabelledLog> {
  const file = join(dir, name)
  const raw = splitLines(await readFile(file.slice(0, -'_structured.csv'.length)))
  const [header = [], ...rows] = parseCsv(await readFile(file, 'utf8'))
  const column = (title: string) => {
    const at = header.indexOf(title)
    if (at < 0) throw new Error(`expected a column ${title} in ${file}, found ${header.join(', ')}`)
    return at
  }
  const [number, content] = [column('LineId'), column('Content')]
  const [eventId, template] = [column('EventId'), column('EventTemplate')]
  const lines = rows.map((row) => {
    const lineNumber = Number(row[number])
    const line = raw[lineNumber - 1]
    if (line === undefined)
      throw new Error(`expected line ${row[number]} of ${file} in its log of ${raw.length} lines`)
    return {
      number: lineNumber,
      raw: line,
      content: row[content] ?? '',
      eventId: row[eventId] ?? '',
      template: row[template] ?? '',
    }
  })
  return { system: basename(name).split('_')[0] ?? name, lines }
}

function splitLines(data: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < data.length; ) {
    const found = data.indexOf(10, start)
    const end = found < 0 ? data.length : found
    lines.push(data.subarray(start, data[end - 1] === 13 ? end - 1 : end))
    start = end + 1
  }
  return lines
}
