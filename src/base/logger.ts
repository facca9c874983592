import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * The process' structured logger, as JSON lines on stderr, so that stdout stays the command's own output.
 * Events are named `noun.verb`; record payloads and secrets are never among their fields.
 */
export function createLogger(options: { level: LogLevel }): Logger {
  return pino({ level: options.level, base: null }, pino.destination({ dest: 2, sync: true }))
}
