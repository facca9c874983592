import { expect, test } from 'vitest'
import { findUnknownServices } from '../../../src/query/question/unknown-services.ts'

const find = (text: string) => findUnknownServices(text, { services: ['orders-db'], taken: [] })

test.each([
  ['errors of the loyalty-points service', ['loyalty-points']],
  ['why did pod search-9-x restart?', ['search-9-x']],
  ['logs of deployment "price-feed"', ['price-feed']],
  ['errors in the orders-db service', []],
  ['how often was a container OOM-killed', []],
  ['which service was re-created', []],
  ['errors of the payment service', []],
])('"%s" names the unknown services %j', (text, names) => {
  expect(find(text)).toEqual(names)
})

test('what a known service accounts for is no unknown one', () => {
  const text = 'errors in the checkout-api service'
  expect(findUnknownServices(text, { services: [], taken: [{ index: 14, end: 34 }] })).toEqual([])
})
