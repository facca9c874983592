import { type ParsedEvent, parseRecord } from '../../src/pipeline/steps/parse/parse-record.ts'

/** What of some lines was found, as shares of one, and how fast. */
export interface ParsedShare {
  lines: number
  time: number
  severity: number
  service: number
  linesPerSecond: number
}

/** Reads lines again and again for about so many milliseconds, and counts what one pass found. */
export function measureLines(lines: readonly Buffer[], arrivedAt: Date, ms: number): ParsedShare {
  const read = (): ParsedEvent[] =>
    lines.map((data) => parseRecord({ data, arrivedAt, partitionKey: 'key' }))
  const events = read()
  let passes = 0
  const started = performance.now()
  do {
    read()
    passes += 1
  } while (performance.now() - started < ms)
  const seconds = (performance.now() - started) / 1_000
  const shareOf = (is: (event: ParsedEvent) => boolean) =>
    events.length === 0 ? 0 : events.filter(is).length / events.length
  return {
    lines: lines.length,
    time: shareOf(({ at }) => at.getTime() !== arrivedAt.getTime()),
    severity: shareOf(({ severity }) => severity > 0),
    service: shareOf(({ service }) => service !== null),
    linesPerSecond: (passes * lines.length) / seconds,
  }
}
