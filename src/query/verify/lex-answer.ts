/** A piece of an answer: white space, a quotation with its marks, citation markers, or a run of anything else. */
export interface Piece {
  kind: 'space' | 'quote' | 'cite' | 'word'
  text: string
  /** The numbers of a citation. */
  numbers: number[]
}

const closing: Readonly<Record<string, string>> = { '“': '”', '"': '"', '`': '`' }
const space = /\s+/y
const word = /[^\s“"`[]+|\[/y
const cite = /\[\d{1,4}(?:\s{0,3}[,–-]\s{0,3}\d{1,4}){0,20}\]/y

/**
 * One line of an answer in pieces, which together are the line. A bracket that hangs on a name ("sshd[19939]") is a citation
 * only if there is a line of that number. Linear: each character is looked at a fixed number of times.
 */
export function lexLine(line: string, lastNumber: number): Piece[] {
  const pieces: Piece[] = []
  const without = new Set<string>()
  for (let at = 0; at < line.length; ) {
    const end = closing[line[at] ?? '']
    const close = end === undefined || without.has(end) ? -1 : line.indexOf(end, at + 1)
    if (end !== undefined && close === -1) without.add(end)
    const numbers = close === -1 ? numbersAt(line, at) : []
    const isHanging = /[\w)]/.test(line[at - 1] ?? ' ')
    let text: string
    if (close !== -1) {
      text = line.slice(at, close + 1)
      pieces.push({ kind: 'quote', text, numbers: [] })
    } else if (numbers.length > 0 && !(isHanging && numbers.some((n) => n > lastNumber))) {
      text = matchAt(cite, line, at)
      pieces.push({ kind: 'cite', text, numbers })
    } else {
      const blank = matchAt(space, line, at)
      text = blank || matchAt(word, line, at) || line.charAt(at)
      pieces.push({ kind: blank ? 'space' : 'word', text, numbers: [] })
    }
    at += text.length
  }
  return pieces
}

/** A line's sentences: each ends with its stop and the citations behind it. */
export function sentencesOf(pieces: readonly Piece[]): Piece[][] {
  const sentences: Piece[][] = []
  let sentence: Piece[] = []
  let isOver = false
  for (const piece of pieces) {
    if (isOver && (piece.kind === 'word' || piece.kind === 'quote')) {
      sentences.push(sentence)
      sentence = []
      isOver = false
    }
    sentence.push(piece)
    if (piece.kind === 'word')
      isOver = /[.!?][)*_]*$/.test(piece.text) && !/\b(?:e\.g|i\.e|vs|no)\.$/i.test(piece.text)
  }
  if (sentence.length > 0) sentences.push(sentence)
  return sentences
}

function numbersAt(line: string, at: number): number[] {
  if (line[at] !== '[') return []
  const text = matchAt(cite, line, at)
  const numbers: number[] = []
  for (const part of text.slice(1, -1).split(',')) {
    const [first, last] = part.split(/[–-]/).map(Number)
    if (first === undefined) continue
    const until = last !== undefined && last >= first && last - first < 50 ? last : first
    for (let n = first; n <= until; n++) numbers.push(n)
    if (last !== undefined && until !== last) numbers.push(last)
  }
  return text === '' ? [] : numbers
}

function matchAt(pattern: RegExp, line: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0] ?? ''
}
