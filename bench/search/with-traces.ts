import { type BenchLine, createRandom } from '../support/lines.ts'

/** The lines, of which a quarter, eight in a row, name the trace that they belong to; those that are JSON stay as they are. */
export function withTraces(lines: readonly BenchLine[]): BenchLine[] {
  const random = createRandom(7)
  const hex = () => Math.floor(random() * 16).toString(16)
  let traceId = ''
  return lines.map((line, index) => {
    if (index % 32 === 0) traceId = Array.from({ length: 32 }, hex).join('')
    if (index % 32 >= 8 || line.text.startsWith('{')) return line
    const text = `${line.text} trace_id=${traceId}`
    const record = { ...JSON.parse(line.data.toString()), log: text }
    return { ...line, text, data: Buffer.from(JSON.stringify(record)) }
  })
}
