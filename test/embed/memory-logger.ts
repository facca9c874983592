import { pino } from 'pino'
import type { Logger } from '../../src/base/logger.ts'

export interface LogLine {
  level: number
  msg: string
  [field: string]: unknown
}

/** A real logger whose lines a test can read. */
export function memoryLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (line: string) => lines.push(JSON.parse(line))
  return { logger: pino({ level: 'trace', base: null }, { write }), lines }
}
