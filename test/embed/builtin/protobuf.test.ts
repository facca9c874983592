import { expect, test } from 'vitest'
import {
  blob,
  float,
  integer,
  message,
  string,
  toBytes,
} from '../../../src/embed/builtin/protobuf.ts'

const hex = (...fields: Parameters<typeof toBytes>[0]) => toBytes(fields).toString('hex')

test('integers are varints of seven bits, lowest first', () => {
  expect(hex(integer(1, 0))).toBe('0800')
  expect(hex(integer(1, 127))).toBe('087f')
  expect(hex(integer(1, 150))).toBe('089601')
  expect(hex(integer(1, 2n ** 53n))).toBe('088080808080808010')
})

test('negative integers are ten bytes of two’s complement', () => {
  expect(hex(integer(1, -1))).toBe('08ffffffffffffffffff01')
})

test('field numbers above 15 take a longer key', () => {
  expect(hex(integer(20, 7))).toBe('a00107')
})

test('floats are four little-endian bytes', () => {
  expect(hex(float(2, 1))).toBe('150000803f')
})

test('strings, bytes and messages are preceded by their length in bytes', () => {
  expect(hex(string(2, 'testing'))).toBe('120774657374696e67')
  expect(hex(string(2, 'é'))).toBe('1202c3a9')
  expect(hex(blob(9, Uint8Array.of(1, 2)))).toBe('4a020102')
  expect(hex(message(3, [integer(1, 150)]))).toBe('1a03089601')
  expect(hex(message(3, []))).toBe('1a00')
})

test('a long message’s length is a varint too', () => {
  const bytes = toBytes([message(1, [blob(2, new Uint8Array(300))])])
  expect(bytes.subarray(0, 6).toString('hex')).toBe('0aaf0212ac02')
  expect(bytes).toHaveLength(306)
})
