import { InvalidArgumentError } from 'commander'
import { isoTime } from './iso-time.ts'

/** A moment that may hang on what "now" is. */
export type Moment = (now: Date) => Date

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Reads a length of time for commander, in milliseconds: 90s, 15m, 1h30m, 7d. */
export function span(text: string): number {
  const ms = spanMs(text)
  if (ms === null)
    throw new InvalidArgumentError('expected a length of time such as 90s, 15m, 1h30m or 7d.')
  return ms
}

/** Reads a moment for commander: an ISO time with its zone, a day, `now`, or `now-15m`. */
export function anyMoment(text: string): Moment {
  const back = /^now(?:-(.+))?$/.exec(text)
  const ms = back?.[1] === undefined ? 0 : spanMs(back[1])
  if (back && ms !== null) return (now) => new Date(now.getTime() - ms)
  try {
    const at = isoTime(text)
    return () => at
  } catch {
    throw new InvalidArgumentError(
      'expected an ISO 8601 time with its zone, such as 2026-11-23T10:00:00Z, a day, such as 2026-11-23, or now-15m.',
    )
  }
}

function spanMs(text: string): number | null {
  if (!/^(?:\d{1,7}[smhdw])+$/.test(text)) return null
  let ms = 0
  for (const [, number, unit = ''] of text.matchAll(/(\d+)([smhdw])/g))
    ms += Number(number) * (unitMs[unit] ?? 0)
  // No log is a century old, and a Date has an end.
  return ms > 0 && ms < 100 * 366 * 86_400_000 ? ms : null
}
