import { expect, test } from 'vitest'
import { spreadOf } from '../../bench/pipeline/measure-no-op.ts'

test('a spread says what each worker had, the busiest first, and which shards were handed over', () => {
  expect(
    spreadOf([{ shards: { '1': 10 } }, { shards: { '1': 5, '2': 20 } }, { shards: {} }]),
  ).toEqual({
    records: 35,
    workers: [
      { shards: 2, records: 25 },
      { shards: 1, records: 10 },
      { shards: 0, records: 0 },
    ],
    shared: 1,
  })
})
