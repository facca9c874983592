export type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export type Fields = Readonly<Record<string, string | number | boolean>>

/** What a program wants to say, before its logger gives it a shape. */
export interface Entry {
  /** Milliseconds since the epoch. */
  at: number
  level: Level
  message: string
  fields: Fields
  /** Thread, class, source file or database role: whatever this logger prints beside the message. */
  source: string
  podName: string
}

export type Format = (entry: Entry) => string

const iso = (at: number) => new Date(at).toISOString()
const spaced = (at: number) => iso(at).slice(0, 23).replace('T', ' ')
const commaed = (at: number) => spaced(at).replace('.', ',')
const upper = (level: Level, names: Partial<Record<Level, string>> = {}) =>
  names[level] ?? level.toUpperCase()

function pairs(fields: Fields, quote: (value: string | number | boolean) => boolean): string {
  return Object.entries(fields)
    .map(([key, value]) => {
      return ` ${key}=${quote(value) ? JSON.stringify(value) : value}`
    })
    .join('')
}

const pinoLevels = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }

/** `{"level":30,"time":1764000000123,"pid":1,"hostname":"checkout-...","msg":"..."}` */
export const pino: Format = ({ at, level, message, fields, podName }) =>
  JSON.stringify({
    level: pinoLevels[level],
    time: at,
    pid: 1,
    hostname: podName,
    ...fields,
    msg: message,
  })

/** `{"ts":"2026-...","level":"info","msg":"...","reason":"..."}` */
export const zap: Format = ({ at, level, message, fields, source }) =>
  JSON.stringify({ ts: iso(at), level, logger: source, msg: message, ...fields })

/** `time=2026-... level=info msg="..." sku=...` */
export const logfmt: Format = ({ at, level, message, fields }) =>
  `time=${iso(at)} level=${level} msg=${JSON.stringify(message)}${pairs(fields, (value) => /[\s="]/.test(String(value)))}`

/** `2026-11-23 14:32:01,123 ERROR [exec-7] c.s.p.Ledger - ...`; a line of a stack trace stays bare. */
export const log4j: Format = ({ at, level, message, fields, source }) => {
  if (source === 'stack') return message
  const [thread = 'main', logger = 'c.s.payments.Application'] = source.split('|')
  return `${commaed(at)} ${upper(level).padEnd(5)} [${thread}] ${logger} - ${message}${pairs(fields, () => false)}`
}

/** `I1123 14:32:01.123456       1 token.go:88] "Token verified" subject="u-1"` */
export const klog: Format = ({ at, level, message, fields, source }) => {
  const letter = level === 'debug' ? 'I' : upper(level).slice(0, 1)
  const day = iso(at).slice(5, 10).replace('-', '')
  const time = `${iso(at).slice(11, 23)}${String((at * 7919) % 1000).padStart(3, '0')}`
  return `${letter}${day} ${time}       1 ${source}] ${JSON.stringify(message)}${pairs(fields, (value) => typeof value === 'string')}`
}

/** As `klog`, its message unquoted: what the older, unstructured calls print. */
export const glog: Format = (entry) => {
  const head = klog({ ...entry, message: '', fields: {} }).slice(0, -2)
  return head + entry.message + pairs(entry.fields, () => false)
}

/** `2026-11-23 14:32:01.123 UTC [412] orders_app@orders ERROR:  ...` */
export const postgres: Format = ({ at, level, message, source }) => {
  const [pid = '1', role = ''] = source.split('|')
  const names = { debug: 'DETAIL', info: 'LOG', warn: 'WARNING', fatal: 'PANIC' }
  // A hint or a statement names itself; it belongs to the error above it.
  const label = /^(HINT|STATEMENT|DETAIL): {2}/.test(message) ? '' : `${upper(level, names)}:  `
  return `${spaced(at)} UTC [${pid}] ${role === '' ? '' : `${role} `}${label}${message}`
}

/** nginx: the access log is the message itself, the error log has a head of its own. */
export const nginx: Format = ({ at, level, message, source }) => {
  if (source === 'access') return message
  return `${spaced(at).slice(0, 19).replaceAll('-', '/')} [${level}] 31#31: ${message}`
}

/** `[2026-11-23 14:32:01,123: WARNING/ForkPoolWorker-2] ...` */
export const celery: Format = ({ at, level, message, fields, source }) =>
  `[${commaed(at)}: ${upper(level, { warn: 'WARNING', fatal: 'CRITICAL' })}/${source}] ${message}${pairs(fields, () => false)}`

/** `2026-11-23 14:32:01,123 INFO shipping.labels: ...` */
export const python: Format = ({ at, level, message, fields, source }) =>
  `${commaed(at)} ${upper(level, { warn: 'WARNING', fatal: 'CRITICAL' })} ${source}: ${message}${pairs(fields, () => false)}`

/** The time as nginx's access log has it: `23/Nov/2026:14:32:01 +0000`. */
export function accessTime(at: number): string {
  const [, day, month, year, time] = new Date(at).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
