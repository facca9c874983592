import type { EvalLine } from './eval-lines.ts'

/** Which lines are meant. All that is given must hold. */
export interface Match {
  /** A regular expression that the text must match, case and all. */
  like: string
  service?: string
  /** ISO 8601, included. */
  from?: string
  /** ISO 8601, excluded. */
  to?: string
}

/** The lines that `match` means, in time order. */
export function expandGold(match: Match, lines: readonly EvalLine[]): EvalLine[] {
  const like = new RegExp(match.like)
  const from = match.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(match.from)
  const to = match.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(match.to)
  return lines.filter(
    ({ text, service, at }) =>
      at >= from &&
      at < to &&
      (match.service === undefined || match.service === service) &&
      like.test(text),
  )
}
