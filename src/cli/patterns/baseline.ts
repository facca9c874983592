import { type Command, InvalidArgumentError } from 'commander'
import { MillraceError } from '../../base/errors.ts'
import type { Scope } from '../scope.ts'
import { span } from '../span.ts'

const dayMs = 86_400_000
const minuteMs = 60_000

export function addBaselineOption(command: Command): Command {
  return command.option(
    '--baseline <span>',
    'how long before the window the usual is looked for (default: 7d, or 24 windows)',
    (text) => {
      const ms = span(text)
      if (ms < 2 * minuteMs) throw new InvalidArgumentError('expected two minutes or more.')
      return ms
    },
  )
}

/** The window, with both its ends, and where its baseline begins: not before the first whole minute there is. */
export function baselineOf({ filters, extent }: Scope, options: { baseline?: number }) {
  const { from, to } = filters
  if (from === null || to === null)
    throw new MillraceError('invalid_argument', 'expected --since or --from beside --to')
  const length = options.baseline ?? Math.max(7 * dayMs, 24 * (to.getTime() - from.getTime()))
  const known = extent.first?.getTime() ?? to.getTime()
  const start = Math.max(from.getTime() - length, Math.ceil(known / minuteMs) * minuteMs)
  return { window: { ...filters, from, to }, baselineFrom: new Date(start) }
}

/** What is said where there is nothing before the window to compare with. */
export function noteOnBaseline(from: Date, baselineFrom: Date): { note?: string } {
  if (baselineFrom < from) return {}
  return { note: 'there is no event before the window to compare with' }
}

/** The window and three times its length before it: what was usual is seen beside what is not. */
export function drawnSpan(
  window: { from: Date; to: Date },
  baselineFrom: Date,
): { from: Date; to: Date } {
  const { from, to } = window
  const earlier = from.getTime() - 3 * (to.getTime() - from.getTime())
  const start = Math.max(earlier, Math.min(baselineFrom.getTime(), from.getTime()))
  return { from: new Date(start), to }
}
