import { describe, expect, test } from 'vitest'
import { findServices } from '../../../src/query/question/services.ts'

const known = [
  'checkout',
  'payments',
  'orders-db',
  'cart-service',
  'auth',
  'mail',
  'api-gateway',
  'api',
]
const found = (text: string, services: readonly string[] = known) =>
  findServices(text, services).map((mention) => mention.service)

describe('a service is a filter', () => {
  test.each([
    ['errors in checkout', ['checkout']],
    ['errors in Checkout', ['checkout']],
    ['errors in checkout, payments and auth', ['checkout', 'payments', 'auth']],
    ['did payments fail', ['payments']],
    ['is auth up', ['auth']],
    ["checkout's errors", ['checkout']],
    ['checkout logs', ['checkout']],
    ['service checkout', ['checkout']],
    ['container=checkout', ['checkout']],
    ['orders-db ran out of disk', ['orders-db']],
    ['the orders database is slow', ['orders-db']],
    ['orders db', ['orders-db']],
    ['order database', ['orders-db']],
    ['the payment service', ['payments']],
    ['cart service is down', ['cart-service']],
    ['errors in the cart-service pod', ['cart-service']],
    ['errors in paymets', ['payments']],
    ['errors in paymnets', ['payments']],
    ['errors in payyments', ['payments']],
    ['order-db is down', ['orders-db']],
    ['errors in api-gateway', ['api-gateway']],
    ['errors in api', ['api']],
  ])('%s', (text, services) => {
    expect(found(text)).toEqual(services)
  })
})

describe('it is none', () => {
  test.each([
    'how many payments failed',
    'failed payments',
    'auth failures',
    'mail was lost',
    'connect to orders-db',
    'calls to payments',
    'timeout with payments',
    'cannot reach the payment service',
    'between checkout and payments',
    'checkout and orders-db',
    'checkouts are slow',
    'pre-checkout step',
    'checkout.ts failed',
    '/api/checkout answers 500',
    'the payment is late',
    'errors in auht', // a short name is no typo of anything
    'user@auth',
  ])('%s', (text) => {
    expect(found(text)).toEqual([])
  })

  test('where a typo or a description fits two', () => {
    expect(found('errors in storege', ['storage', 'storege2'])).toEqual([])
    expect(found('errors in worker-3', ['worker-1', 'worker-2'])).toEqual([])
    expect(found('the orders database', ['orders-db', 'orders-database'])).toEqual([])
  })
})

test('a program called by an everyday word is meant only where it is said to be one', () => {
  const services = ['network', 'kernel']
  expect(found('machine unreachable on the network', services)).toEqual([])
  expect(found('errors of the network service', services)).toEqual(['network'])
  expect(found('warnings in the kernel', services)).toEqual(['kernel'])
})

test('a name that is a word stays in the text, a compound or described one need not', () => {
  const only = (text: string) => findServices(text, known).map((mention) => mention.isOnlyFilter)
  expect(only('errors in auth')).toEqual([false])
  expect(only('errors in orders-db')).toEqual([true])
  expect(only('errors in the auth service')).toEqual([true])
})
