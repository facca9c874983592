import type { BenchLine } from '../support/lines.ts'

/**
 * The lines once more, as a later hour would say them: numbers and hexadecimal ids of five characters and more differ
 * from lap to lap, so that indexes grow as they do in production; words, short numbers and dates stay. Lap 0 is the lines.
 */
export function varyLines(lines: readonly BenchLine[], lap: number): BenchLine[] {
  if (lap === 0) return [...lines]
  return lines.map(({ partitionKey, text, data }) => {
    const said = JSON.stringify(text)
    const varied = text.replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{5,}\b/g, (id) => shift(id, lap))
    return {
      partitionKey,
      text: varied,
      data: Buffer.from(data.toString().replace(said, () => JSON.stringify(varied))),
    }
  })
}

/** Another id of the same kind: digits stay digits, letters letters, and the first character stays. */
function shift(id: string, lap: number): string {
  let out = id.charAt(0)
  for (let index = 1; index < id.length; index += 1) {
    const code = id.charCodeAt(index)
    const step = Math.floor(lap / 3 ** ((id.length - 1 - index) % 4)) + index * lap
    out +=
      code < 58
        ? String.fromCharCode(48 + ((code - 48 + step) % 10))
        : String.fromCharCode(97 + ((code - 97 + step) % 6))
  }
  return out
}
