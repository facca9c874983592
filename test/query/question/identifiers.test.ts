import { describe, expect, test } from 'vitest'
import { findNamed } from '../../../src/query/question/identifiers.ts'

const ids = (text: string) => findNamed(text, new Set(['node-exporter-2'])).identifiers

describe('what names one thing', () => {
  test.each([
    ['order ORD-489357', ['ORD-489357']],
    ['(order-1234)', ['order-1234']],
    ["order-1234's trace", ['order-1234']],
    ['order-1234, order-1235.', ['order-1234', 'order-1235']],
    ['blk_-1608999687919862906', ['blk_-1608999687919862906']],
    ['container_1445144423722_0020_01_000002', ['container_1445144423722_0020_01_000002']],
    ['10.10.34.11', ['10.10.34.11']],
    ['/10.10.34.11:3888', ['10.10.34.11:3888']],
    ['54fadb41-2c4e-40cd-baed-9335e4c35a9e', ['54fadb41-2c4e-40cd-baed-9335e4c35a9e']],
    ['113d3a99c3da401fbd62cc2caa5b96d2', ['113d3a99c3da401fbd62cc2caa5b96d2']],
    ['MININT-FNANLI5.fareast.corp.microsoft.com', ['MININT-FNANLI5.fareast.corp.microsoft.com']],
    ['pod checkout-4f9802932-f2ae9', ['checkout-4f9802932-f2ae9']],
    ['/var/lib/mysql', ['/var/lib/mysql']],
    ['https://shop.example/cart?id=1', ['https://shop.example/cart?id=1']],
    ['src/app/main.py', ['src/app/main.py']],
    ['uid=0 rhost=218.188.2.4', ['218.188.2.4']],
    ['port 3888 and port 443', ['3888', '443']],
    ['HTTP 504', ['504']],
    ['transaction 9912345', ['9912345']],
    ['9912345', ['9912345']],
    ['SQLSTATE 53100', ['53100']],
    ['E11000 duplicate key', ['E11000']],
    ['user bob, user alice', ['bob', 'alice']],
    ['username: carol', ['carol']],
    ['"ORD-1"', ['ORD-1']],
    ['ORD-1 and ORD-1', ['ORD-1']],
  ])('%s', (text, expected) => {
    expect(ids(text)).toEqual(expected)
  })
})

describe('what does not', () => {
  test.each([
    'top 500 errors',
    'more than 1000 requests',
    'at least 10000 times',
    'took 30000 ms',
    'exit code 1',
    '500 requests',
    '99.9%',
    '3rd time',
    '5xx and 4xx',
    'k8s over http2 with TLS1.3',
    'version 2.3.10',
    'log4j',
    'p99',
    '2-phase commit',
    'read/write',
    'org.apache.hadoop.io',
    'NoRouteToHostException',
    'Base64Decoder',
    'users who failed',
    'user login failed',
    'the user was locked',
    "what's up",
    'node-exporter-2',
  ])('%s', (text) => {
    expect(ids(text)).toEqual([])
  })
})

test('quoted text that is no identifier is a phrase', () => {
  expect(findNamed('"connection refused" and `No space left`', new Set())).toEqual({
    identifiers: [],
    phrases: ['connection refused', 'No space left'],
  })
})
