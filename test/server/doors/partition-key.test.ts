import { describe, expect, it } from 'vitest'
import { checkPartitionKey, partitionKeyOf } from '../../../src/server/doors/partition-key.ts'

describe('partitionKeyOf', () => {
  it.each([
    [{ kubernetes: { pod_name: 'cart-1', host: 'n1' }, host: 'x' }, 'cart-1'],
    [{ pod: 'cart-2', service: 'cart' }, 'cart-2'],
    [{ host: 'web-1', service: 'nginx' }, 'web-1'],
    [{ host: { name: 'web-2' } }, 'web-2'],
    [{ 'host.name': 'web-3' }, 'web-3'],
    [{ service: { name: 'cart' } }, 'cart'],
    [{ service: 'cart', level: 'info' }, 'cart'],
  ])('is the finest source that %j names', (record, key) => {
    expect(partitionKeyOf(record)).toBe(key)
  })

  it.each([
    [{}],
    [null],
    ['text'],
    [[{ host: 'a' }]],
    [{ host: '' }],
    [{ host: 12 }],
    [{ host: 'a\0b' }],
    [{ host: 'x'.repeat(257) }],
    [{ kubernetes: null }],
  ])('is nothing where %j names none that a stream takes', (record) => {
    expect(partitionKeyOf(record)).toBeUndefined()
  })
})

describe('checkPartitionKey', () => {
  it('counts characters, not bytes or UTF-16 units', () => {
    expect(checkPartitionKey('🔑'.repeat(256), 'key')).toHaveLength(512)
    expect(() => checkPartitionKey('🔑'.repeat(257), 'key')).toThrow(/1 to 256 characters/)
    expect(() => checkPartitionKey('', 'key')).toThrow(/expected key to be/)
  })
})
