import { expect, test } from 'vitest'
import { withoutVerbOfWriting } from '../../../src/query/question/frame.ts'

test.each([
  ['how many error lines did inventory write?', 'how many error lines did inventory?'],
  ['how many log lines does web produce', 'how many log lines does web'],
  ['warnings written by inventory', 'warnings by inventory'],
  ['errors that were thrown by web', 'errors that were by web'],
])('that lines were written is the question: %s', (question, rest) => {
  expect(withoutVerbOfWriting(question).replace(/\s+/g, ' ').replace(' ?', '?')).toBe(rest)
})

test.each(['how many failed to write the file', 'how many exceptions were thrown'])(
  'that a file was written, or something thrown, is a line: %s',
  (question) => {
    expect(withoutVerbOfWriting(question)).toBe(question)
  },
)
