import { beforeAll, expect, test } from 'vitest'
import { createVocabulary } from '../../src/knowledge/vocabulary.ts'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase()
const vocabulary = createVocabulary({ pool })

beforeAll(() =>
  pool.query(
    `insert into millrace.pattern (service, severity, template, token_count, example, words)
     values ('s', 9, 't', 1, 'e', 'goroutine stack of checkout checkouts rebalancing container')`,
  ),
)

test.each([
  ['gorutine', 'goroutine'],
  ['chekcout', 'checkout'],
  ['rebalncing', 'rebalancing'],
  ['certifcate', 'certificate'],
  ['containr', 'container'],
])('"%s" is a slip of "%s"', async (word, known) => {
  expect(await vocabulary.correct(word)).toBe(known)
})

test.each(['goroutine', 'xoroutine', 'stak', 'plastic', 'ord-17', 'unrelatedness'])(
  '"%s" is left alone',
  async (word) => {
    expect(await vocabulary.correct(word)).toBeNull()
  },
)
