import { arrivedAt, loadSamples } from '../test/pipeline/steps/parse/samples/load-samples.ts'
import { measureLines, type ParsedShare } from './parsing/measure-lines.ts'
import type { Benchmark } from './support/benchmark.ts'

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const columns = ['', 'lines', 'time', 'severity', 'service', 'lines/s']

function rowOf(name: string, share: ParsedShare): string[] {
  return [
    name,
    String(share.lines),
    percent(share.time),
    percent(share.severity),
    percent(share.service),
    Math.round(share.linesPerSecond).toLocaleString('en'),
  ]
}

/** What parsing finds in lines of each format, and in those of a folder (`--lines DIR`), file by file. */
export const benchmark: Benchmark = {
  about: 'shares of lines whose time, severity and service are read, and lines a second, by format',
  needs: 'embedded',
  seconds: 0.2,
  rounds: 1,
  run: async ({ seconds, lines, note }) => {
    const formats = await loadSamples()
    const rows: string[][] = []
    for (const { format, samples } of formats) {
      const data = samples.map(({ line }) => Buffer.from(line))
      rows.push(rowOf(format, measureLines(data, arrivedAt, seconds * 1_000)))
    }
    note(`${formats.length} formats read`)
    const sources = new Map<string, Buffer[]>()
    for (const { partitionKey, text } of lines) {
      const name = partitionKey.replace(/-[^-]+-[^-]+-\d+$/, '')
      const source = sources.get(name)
      if (source) source.push(Buffer.from(text))
      else sources.set(name, [Buffer.from(text)])
    }
    const shares = [...sources].map(([name, data]) => ({
      name,
      share: measureLines(data, new Date(), seconds * 1_000),
    }))
    const all = measureLines([...sources.values()].flat(), new Date(), seconds * 1_000)
    return {
      title: 'Parsing: what is read of a line',
      tables: [
        { title: 'made-up samples, by format', columns, rows },
        {
          title: 'lines of --lines DIR, or made ones, by file',
          columns,
          rows: [...shares.map(({ name, share }) => rowOf(name, share)), rowOf('all', all)],
        },
      ],
      figures: {
        'lines with a time': { value: all.time, unit: 'of 1', better: 'more' },
        'lines with a severity': { value: all.severity, unit: 'of 1', better: 'more' },
        'lines a second': { value: all.linesPerSecond, unit: 'lines/s', better: 'more' },
      },
      versions: {},
      remarks: [
        'A line without a time, a level or a name has none to be read: the shares say what is there and was found.',
        'Single lines: what joins them into events is not in the rate.',
      ],
    }
  },
}
