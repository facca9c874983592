/** Text of a log as a terminal shows it: on one line, without control characters, cut after `max` characters. */
export function oneLine(text: string, max = 220): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > max ? `${line.slice(0, max)}…` : line
}
