/** A line of a worker's log, as far as an outage is told by it. */
export interface LogEvent {
  /** ms since 1970. */
  at: number
  event: string
  waitMs: number | null
  code: string
}

const told = ['breaker.opened', 'breaker.closed', 'batch.failed', 'batch.waits', 'record.dead']

/** What a line of the worker's log says of an outage; null when it says nothing of it. */
export function readLogEvent(line: string): LogEvent | null {
  if (!line.startsWith('{')) return null
  const { time, msg, waitMs, code } = JSON.parse(line) as Record<string, unknown>
  if (typeof msg !== 'string' || !told.includes(msg)) return null
  return {
    at: Number(time),
    event: msg,
    waitMs: typeof waitMs === 'number' ? waitMs : null,
    code: typeof code === 'string' ? code : '',
  }
}
