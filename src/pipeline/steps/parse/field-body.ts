import { describeFields } from './describe-fields.ts'
import { setField } from './draft.ts'

type Fields = Record<string, unknown>

/**
 * The message of a structured record: its message field, a template with its values in it, or all
 * of its fields; with the error that the record reports, where the message does not say it. Takes
 * what it used up out of `rest`.
 */
export function bodyOf(found: { name: string; value: unknown } | undefined, rest: Fields): string {
  const event = rest.event
  let body = ''
  if (found !== undefined) {
    const isTemplate = found.name === '@mt' || found.name === 'MessageTemplate'
    body = isTemplate ? renderTemplate(String(found.value), rest) : String(found.value)
    if (isTemplate && body !== found.value) setField(rest, found.name, found.value)
  } else if (typeof event === 'string') {
    body = event
    delete rest.event
  } else {
    for (const name of ['message', 'msg', 'body'] as const) {
      const value = rest[name]
      if (typeof value !== 'object' || value === null) continue
      body = describeFields(value as Fields)
      break
    }
  }
  const error = errorText(rest)
  if (body.trim() === '') return error === '' ? describeFields(rest) : error
  return error === '' || body.includes(error) ? body : `${body}: ${error}`
}

/** `Hello {Name}` with the record's own values in it, as Serilog means it. */
function renderTemplate(template: string, fields: Fields): string {
  return template.replace(/\{[@$]?(\w{1,64})(?:[,:][^{}]{0,64})?\}/g, (hole, name: string) => {
    const value = fields[name] ?? (fields.Properties as Fields | undefined)?.[name]
    if (value === undefined || value === null) return hole
    return typeof value === 'object' ? describeFields(value as Fields) : String(value)
  })
}

const errorNames = [
  'error',
  'err',
  'exception',
  'exc_info',
  '@x',
  'thrown',
  'error.message',
  'exception.message',
]

const noError: ReadonlySet<string> = new Set(['', 'null', 'nil', '<nil>', 'none', 'None', 'false'])

/** The first line of what a record says of its error: that belongs to what a person reads. */
function errorText(rest: Fields): string {
  for (const name of errorNames) {
    const value = rest[name]
    let text: unknown = value
    if (typeof value === 'object' && value !== null) {
      text = (value as Fields).message ?? (value as Fields).msg
    }
    if (typeof text !== 'string' || noError.has(text)) continue
    const error = name === 'exc_info' ? text.trimEnd() : text.trim()
    return name === 'exc_info' || error.startsWith('Traceback ')
      ? error.slice(error.lastIndexOf('\n') + 1)
      : (error.split('\n', 1)[0] ?? '')
  }
  return ''
}
