const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A length of time as people say it: `0 ms`, `850 ms`, `12 s`, `3.5 h`. */
export function formatDuration(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? ['ms', 1]
  const value = ms / size
  return `${value < 10 ? Math.floor(value * 10) / 10 : Math.floor(value)} ${unit}`
}
