import { expect, test } from 'vitest'
import { serviceOfSource } from '../../../../src/pipeline/steps/parse/service-of-source.ts'

test.each([
  ['zookeeper.log', 'zookeeper'],
  ['Zookeeper_2k.log', 'Zookeeper'],
  ['/var/log/postgres/postgresql-15-main.log', 'postgresql-15-main'],
  ['payments-2026-11-27.log.1', 'payments'],
  ['orders-db.log-20261127.gz', 'orders-db'],
  ['checkout.ndjson', 'checkout'],
])('%s is of the service %s', (key, service) => {
  expect(serviceOfSource(key)).toBe(service)
})

test.each([
  'access.log',
  'syslog',
  'app.log',
  'k17',
  '10.0.0.1',
  '2026-11-27.log',
  'a/b',
  '',
  '.log',
])('"%s" names no service', (key) => {
  expect(serviceOfSource(key)).toBeNull()
})
