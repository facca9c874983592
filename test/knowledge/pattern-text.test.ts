import { expect, test } from 'vitest'
import { patternText } from '../../src/knowledge/pattern-text.ts'

const of = (template: string, rest: Partial<Parameters<typeof patternText>[0]> = {}) =>
  patternText({ service: 'shop', severity: 17, template, example: 'the line', ...rest })

test.each([
  ['order <*> failed', 'shop ERROR: order failed'],
  ['user=<*> state=UP', 'shop ERROR: user= state=UP'],
  ['from <*> (<*>) and "<*>" up', 'shop ERROR: from and up'],
  ['ids [<*>], then', 'shop ERROR: ids , then'],
  ['<*> <*>', 'shop ERROR: the line'],
])('the text of "%s" is "%s": words, no wildcards', (template, text) =>
  expect(of(template)).toBe(text),
)

test('what is not known of a pattern is not said', () => {
  expect(of('order failed', { service: '', severity: 0 })).toBe(': order failed')
})

test('a text is bounded', () => {
  expect(of('word '.repeat(5_000)).length).toBeLessThanOrEqual(2_000)
})
