import { expect, test } from 'vitest'
import { glossary } from '../../src/knowledge/glossary.ts'

test('every entry says in plain words what its phrases report, and no two say the same', () => {
  expect(glossary.length).toBeGreaterThan(100)
  for (const { plain, logged, terms } of glossary) {
    expect(plain).toMatch(/^[a-z0-9][^=?;]{10,}$/)
    expect([plain, logged.length]).not.toEqual([plain, 0])
    for (const phrase of [...logged, ...terms]) expect(phrase).toMatch(/^[a-z0-9][a-z0-9_ -]*$/)
  }
  expect(new Set(glossary.map(({ plain }) => plain)).size).toBe(glossary.length)
})

test('a term belongs to one entry', () => {
  const terms = glossary.flatMap((entry) => entry.terms)
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([])
})
