import { expect, test } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { extractiveAnswer } from '../../src/query/extractive-answer.ts'
import { writeAnswer } from '../../src/query/write-answer.ts'
import { evidenceOf, incident, planOf } from './evidence-factory.ts'

const shop = incident()
const input = {
  plan: planOf('Why did payments fail?'),
  evidence: evidenceOf({ items: [shop.failed, shop.diskFull] }),
}

/** What is written when the model says `text`. */
const written = (text: string) =>
  writeAnswer(
    {
      logger: createLogger({ level: 'silent' }),
      answerer: {
        model: 'parrot',
        answer: async function* () {
          yield text
        },
      },
    },
    input,
    {},
    () => {},
  )

test("a model's answer closes with what was searched, as an extract does", async () => {
  const { text, model } = await written('Payments failed 437 times [1].')
  expect(model).toBe('parrot')
  expect(text).toBe(
    'Payments failed 437 times [1].\n\n' +
      'Searched: 20,123 events of payments in all that is indexed; shown 1 of 649 found.',
  )
})

test('sentences that cite nothing are counted below the answer', async () => {
  const { text } = await written('Payments failed [1]. All is well again. A deploy was at fault.')
  expect(text).toContain('\n\n2 sentences cite no record.\n\nSearched: ')
})

test.each(['All is well: nothing failed.', 'A meteor hit the disks [99].'])(
  'an answer that cites no record is replaced by the extract, which says so: %s',
  async (said) => {
    const extract = extractiveAnswer(input)
    expect(await written(said)).toEqual({
      ...extract,
      text: `${extract.text}\n\nThe model cited no record, so this is an extract.`,
      model: null,
      struck: [],
    })
  },
)
