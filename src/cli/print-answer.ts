import type { Answer } from '../query/ask.ts'

const maxLine = 220

/** Prints an answer for people: the text, then each cited line with its citation. */
export function printAnswer(answer: Answer): void {
  console.log(answer.text.trim())
  if (answer.citations.length > 0) console.log('')
  for (const { n, citation, at, severity, service, count, text } of answer.citations) {
    const who = [severity, service].filter(Boolean).join(' ')
    const times = count > 1 ? ` ×${count.toLocaleString('en')}` : ''
    const line = text.replaceAll(/\s+/g, ' ')
    console.log(`[${n}] ${citation}  ${at}  ${who}${times}`)
    console.log(`    ${line.length > maxLine ? `${line.slice(0, maxLine)}…` : line}`)
  }
}
