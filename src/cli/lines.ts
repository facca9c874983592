/** A line of input as its own bytes, without the line break. */
export interface Line {
  data: Buffer
  /** Counts from 1. */
  number: number
  /** Bytes of the input up to the end of this line. */
  position: number
}

const newline = 0x0a
const carriageReturn = 0x0d

/** Splits a byte stream at line feeds (and drops a carriage return before one). The last line needs no line feed. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncIterable<Line> {
  let rest: Buffer[] = []
  let number = 0
  let position = 0
  const finish = (bytes: Buffer): Line => {
    number += 1
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
    return { data: bytes.subarray(0, end), number, position }
  }
  for await (const chunk of input) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const piece = chunk.subarray(start, end)
      position += end - start + 1
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece])
      rest = []
      yield finish(line)
      start = end + 1
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start))
      position += chunk.length - start
    }
  }
  if (rest.length > 0) yield finish(Buffer.concat(rest))
}
