const named = /(?<![A-Za-z])trace[-_ ]?(?:id)?["']?\s?[=:]?\s?["']?([0-9a-f]{32})(?![0-9A-Za-z])/i

/**
 * The W3C trace id that a text names (`trace_id=4bf9...`, `trace 4bf9...`), null when it names
 * none.
 */
export function traceInText(text: string): string | null {
  if (!text.includes('race')) return null
  const id = named.exec(text)?.[1]?.toLowerCase()
  return id === undefined || /^0+$/.test(id) ? null : id
}
