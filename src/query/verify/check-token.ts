import { clockParts, type Facts, numberOf, trimToken } from './facts.ts'

/** True for a token that must be proved: a number, an id, an address, a path, a host or a file. */
export function isCheckable(token: string): boolean {
  const core = trimToken(token)
  if (core.length === 0 || /^(?:e\.g|i\.e|etc|vs|1st|2nd|3rd)$/i.test(core)) return false
  return (
    /\d/.test(core) ||
    /^\/\w/.test(core) ||
    /\w[@_=]\w/.test(core) ||
    /\p{L}{2,}\.\p{L}{2,}/u.test(core)
  )
}

/** True when one of the facts has the token, whatever the form of its numbers and times. */
export function isProved(token: string, facts: readonly Facts[]): boolean {
  const core = trimToken(token.toLowerCase())
  if (facts.some((fact) => fact.tokens.has(core))) return true
  if (facts.some((fact) => fact.times.has(core))) return true
  const number = numberOf(core)
  if (number !== null) return facts.some((fact) => fact.numbers.has(number))
  const time = timesIn(core)
  if (time.length > 0) return time.every((one) => facts.some((fact) => fact.times.has(one)))
  return isJoined(core, facts)
}

/** "14:32", "2:32pm", "2026-11-23t14:32:10.123z", "14:32:10-14:40:00": each date and time in it; none when it is no time. */
function timesIn(token: string): string[] {
  const found: string[] = []
  const rest = token
    .replace(/^(\d{1,2})(?=[ap]m$)/, '$1:00')
    .replace(/\d{4}[-/]\d{2}[-/]\d{2}/g, (date) => {
      found.push(date.replaceAll('/', '-'))
      return ' '
    })
    .replace(
      /(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?([ap]m)?/g,
      (time, hour: string, ...parts) => {
        const half = parts[3] as string | undefined
        const on24 =
          half === undefined ? hour : String((Number(hour) % 12) + (half === 'pm' ? 12 : 0))
        const text = time.replace(/^\d+/, on24).replace(/[ap]m$/, '')
        found.push(clockParts(text).at(-1) ?? text)
        return ' '
      },
    )
  return /^[\s t_z,–—/-]*(?:utc|gmt|[+-]\d{2}:?\d{2})?$/.test(rest) ? found : []
}

/**
 * Names that the answer joined or took apart: "instance-54fadb41", "order/489357", "sshd(pam_unix)". Each piece is there; of
 * a piece taken further apart, those with digits are, and long.
 */
function isJoined(token: string, facts: readonly Facts[]): boolean {
  const isKnown = (part: string) => facts.some((fact) => fact.tokens.has(part))
  const split = (text: string, at: RegExp) => text.split(at).filter((part) => part !== '')
  const pieces = split(token, /[^\p{L}\p{N}_.-]+/u)
  return pieces.every((piece) => {
    if (isKnown(piece)) return true
    const parts = split(piece, /[-_.]+/)
    const numbered = parts.filter((part) => /\d/.test(part))
    if (numbered.length === 0) return /\d/.test(token) || parts.every(isKnown)
    return parts.length > 1 && numbered.every((part) => part.length >= 4 && isKnown(part))
  })
}
