import { InvalidArgumentError } from 'commander'

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** Reads a span back from now, such as 90s, 30m, 6h, 7d or 2w, for commander; in ms. */
export function since(text: string): number {
  const match = /^(\d{1,6})([smhdw])$/.exec(text.trim())
  const unit = match?.[2] as keyof typeof unitMs | undefined
  const ms = unit === undefined ? 0 : Number(match?.[1]) * unitMs[unit]
  if (ms <= 0) throw new InvalidArgumentError('expected a span such as 90s, 30m, 6h, 7d or 2w.')
  return ms
}
