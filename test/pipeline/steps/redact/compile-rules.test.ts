import { expect, test } from 'vitest'
import { compileRules } from '../../../../src/pipeline/steps/redact/compile-rules.ts'
import { redactText } from '../../../../src/pipeline/steps/redact/redact-text.ts'
import { cpuMs } from '../../../knowledge/cpu-time.ts'

test('a rule of the user finds what it names, by its first group where it has one', () => {
  const own = compileRules([
    { name: 'employee', pattern: /\bemp-\d{6}\b/i },
    { name: 'ticket', pattern: /ticket=(\w+)/ },
  ])
  const { text, counts } = redactText('🙂 EMP-123456 of ticket=abc für emp-654321', { own })
  expect(text).toMatch(/^🙂 <employee:\w{6}> of ticket=<ticket:\w{6}> für <employee:\w{6}>$/)
  expect(counts).toEqual({ employee: 2, ticket: 1 })
  expect(redactText(text, { own })).toEqual({ text, counts: {} })
})

test('a rule runs after the built-in ones, and not in what they took out', () => {
  const own = compileRules([{ name: 'word', pattern: /password|[0-9a-f]{6}/ }])
  expect(redactText('a: password=hunter2', { own }).text).toMatch(
    /^a: <word:\w{6}>=<password:\w{6}>$/,
  )
})

test('a pattern that hangs elsewhere takes linear time here', () => {
  const own = compileRules([{ name: 'evil', pattern: /(?:a+)+b/ }])
  const run = (length: number) => cpuMs(() => redactText('a'.repeat(length), { own }))
  run(50_000)
  expect(run(200_000) / Math.max(run(50_000), 20)).toBeLessThan(8)
})

test.each([
  [{ name: 'Two Words', pattern: /x/ }, /rules\[0\]\.name .* small letters/],
  [{ name: 'email', pattern: /x/ }, /no other rule has, got "email"/],
  [{ name: 'mine', pattern: 'x' }, /pattern .* a RegExp, got "x"/],
  [{ name: 'mine', patern: /x/ }, /the keys name and pattern, got "patern"/],
  [{ name: 'mine', pattern: /x*/ }, /finds the empty text/],
  [{ name: 'mine', pattern: /\b/ }, /finds the empty text/],
  [{ name: 'mine', pattern: /(?<=x)y/ }, /linear time \(no lookaround, no back reference\)/],
  [{ name: 'mine', pattern: /(a)\1/ }, /linear time/],
  [{ name: 'mine', pattern: /x/y }, /no flag but g, i, m, s and u/],
  [{ name: 'mine', pattern: new RegExp('x'.repeat(1_001)) }, /at most 1000 characters/],
])('a rule that cannot be run is refused: %o', (rule, message) => {
  expect(() => compileRules([rule as never])).toThrow(message)
})

test('two rules of one name are refused', () => {
  const rule = { name: 'mine', pattern: /x/ }
  expect(() => compileRules([rule, rule])).toThrow(/no other rule has/)
})
