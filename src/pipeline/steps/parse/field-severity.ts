import { severityOfLetter, severityOfSyslog, severityOfWord } from '../../../knowledge/severity.ts'
import { severityOfStatus } from './guess-severity.ts'

type Fields = Record<string, unknown>

/** The severity of a record that has no field for it: by its form or its HTTP status. */
export function impliedSeverity(fields: Fields): number {
  if (fields['@t'] !== undefined && (fields['@m'] ?? fields['@mt']) !== undefined) return 9
  if (typeof fields.s === 'string' && typeof fields.t === 'object') {
    return severityOfLetter(fields.s.charAt(0))
  }
  const request =
    fields.method ?? fields.path ?? fields.request ?? fields.request_method ?? fields.uri
  if (request === undefined) return 0
  return severityOfStatus(Number(fields.status ?? fields.status_code ?? fields.response_code))
}

/** A field's value as a severity number; what a number means depends on who writes such a field. */
export function severityOfField(name: string, value: unknown, fields: Fields): number {
  if (typeof value === 'string' && !/^\d{1,5}$/.test(value)) {
    return severityOfName(value.startsWith('SEVERITY_NUMBER_') ? value.slice(16) : value, name)
  }
  if (name === 'status') return 0
  const level = Number(value)
  if (!Number.isFinite(level) || level < 0) return 0
  if (/^severity_?number$/i.test(name)) return level < 25 ? Math.floor(level) : 0
  if (name === 'PRIORITY' || fields.short_message !== undefined) return severityOfSyslog(level)
  if (name === 'levelno') return stepped(level, 10, [5, 9, 13, 17, 21])
  if (level >= 1_000) return stepped(level, 10_000, [5, 9, 13, 17, 21])
  if (level >= 100) return monolog(level)
  if (level >= 10) return stepped(level, 10, [1, 5, 9, 13, 17, 21])
  return severityOfSyslog(level)
}

/** `ERROR`, slog's `ERROR+2` (its steps are OpenTelemetry's), Winston's `http`; a `status` may be `ok` as well. */
function severityOfName(value: string, name: string): number {
  const severity = severityOfWord(value)
  if (severity !== 0) return severity
  if (value === 'http' || (value === 'ok' && name === 'status')) return 9
  const stepped = /^([A-Z]{4,5})([+-]\d{1,2})$/.exec(value)
  const base = severityOfWord(stepped?.[1] ?? '')
  return base === 0 ? 0 : Math.max(1, Math.min(24, base + Number(stepped?.[2])))
}

/** The entry of the last whole step at or below a level, the last entry for all above. */
function stepped(level: number, step: number, numbers: readonly number[]): number {
  const at = Math.min(numbers.length, Math.floor(level / step))
  return at < 1 ? 1 : (numbers[at - 1] ?? 0)
}

function monolog(level: number): number {
  if (level >= 550) return level >= 600 ? 21 : 19
  if (level >= 400) return level >= 500 ? 21 : 17
  if (level >= 300) return 13
  if (level >= 200) return level >= 250 ? 10 : 9
  return 5
}
