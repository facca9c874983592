import { MillraceError } from '../base/errors.ts'

/** Fails with `not_found`, naming the streams there are, unless `name` is one of them. */
export function requireStream(name: string, streams: readonly string[]): void {
  if (streams.includes(name)) return
  const known = streams.length > 0 ? `there are: ${streams.join(', ')}` : 'there are none yet'
  throw new MillraceError('not_found', `stream "${name}" does not exist; ${known}`, {
    details: { stream: name },
  })
}
