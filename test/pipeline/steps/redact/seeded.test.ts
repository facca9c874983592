import { expect, test } from 'vitest'
import { redactText } from '../../../../src/pipeline/steps/redact/redact-text.ts'
import { makeCleanLines } from '../../../support/redaction/clean-lines.ts'
import { makeSecretLines } from '../../../support/redaction/secret-lines.ts'

const seed = 20_261_128

test('no secret of any kind is left in a line of any format', () => {
  const lines = makeSecretLines(seed, 4)
  const leaks = lines.filter(({ secret, line }) => redactText(line).text.includes(secret))
  expect(leaks).toEqual([])
  expect(lines.filter(({ line }) => redactText(line).text === line)).toEqual([])
  expect(new Set(lines.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(140)
})

test('what was redacted stays as it is', () => {
  const changed = makeSecretLines(seed + 1, 1)
    .map(({ line }) => redactText(line).text)
    .filter((once) => redactText(once).text !== once)
  expect(changed).toEqual([])
})

test('no line without a secret is changed', () => {
  const changed = makeCleanLines(seed, 2_000).filter((line) => redactText(line).text !== line)
  expect(changed).toEqual([])
})
