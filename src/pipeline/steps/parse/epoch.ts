const earliestMs = Date.UTC(1970, 0, 2)
const latestMs = Date.UTC(2200, 0, 1)

/** Milliseconds that can be a log's time: 1970 to 2200. */
export function plausibleMs(ms: number): boolean {
  return ms >= earliestMs && ms < latestMs
}

/**
 * The milliseconds of an epoch in seconds, milli-, micro- or nanoseconds, told apart by its size
 * (11, 14 and 17 digits are the borders, so that each unit covers 1973 to 5138); null when it is no
 * time.
 */
export function epochMs(value: number): number | null {
  if (!(value > 0)) return null
  let ms = value
  if (value < 1e11) ms = value * 1e3
  else if (value >= 1e17) ms = value / 1e6
  else if (value >= 1e14) ms = value / 1e3
  ms = Math.floor(ms + 1e-3)
  return plausibleMs(ms) && ms >= 1e11 ? ms : null
}
