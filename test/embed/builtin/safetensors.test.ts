import { expect, test } from 'vitest'
import { readSafetensors } from '../../../src/embed/builtin/safetensors.ts'

function file(header: unknown, data: readonly number[]): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.from(data)])
}

const two = file(
  {
    __metadata__: { format: 'pt' },
    a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
    b: { dtype: 'F32', shape: [1, 1], data_offsets: [4, 8] },
  },
  [1, 2, 3, 4, 5, 6, 7, 8],
)

test('a tensor is its type, its shape and its own bytes', () => {
  const tensor = readSafetensors(two)
  expect(tensor('a')).toMatchObject({ type: 'F16', shape: [2] })
  expect([...tensor('a').data]).toEqual([1, 2, 3, 4])
  expect(tensor('b')).toMatchObject({ type: 'F32', shape: [1, 1] })
  expect([...tensor('b').data]).toEqual([5, 6, 7, 8])
})

test('a missing tensor is named', () => {
  expect(() => readSafetensors(two)('c')).toThrow(/tensor "c"/)
})

test('an entry that is not a tensor is refused', () => {
  const tensor = readSafetensors(file({ a: { dtype: 'F16', shape: [2] } }, []))
  expect(() => tensor('a')).toThrow(/tensor "a": data_offsets/)
})
