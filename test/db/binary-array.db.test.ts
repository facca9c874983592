import { expect, it } from 'vitest'
import {
  encodeFloat8Array,
  encodeInt4Array,
  encodeInt8Array,
  encodeTextArray,
} from '../../src/db/binary-array.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()

async function echo(type: string, values: Buffer): Promise<unknown> {
  const { rows } = await db.pool.query(`select to_json($1::${type}[])::text as said`, [values])
  return rows[0].said
}

it('sends texts of every plane, quotes, commas and nothing at all as they are', async () => {
  const texts = [
    '',
    'plain',
    '{"a","b"}',
    'NULL',
    'ümlaut',
    '日本',
    '🪵 log',
    'line\nline\t\\',
    '\u001f',
  ]
  expect(JSON.parse(String(await echo('text', encodeTextArray(texts))))).toEqual(texts)
  expect(await echo('text', encodeTextArray([]))).toBe('[]')
})

it('sends half a surrogate pair as the replacement character', async () => {
  const said = await echo('text', encodeTextArray(['\ud83e', 'a\udeb5b']))
  expect(JSON.parse(String(said))).toEqual(['\ufffd', 'a\ufffdb'])
})

it('sends texts too large to guess their bytes', async () => {
  const large = '日'.repeat(700_000)
  const [first, second] = JSON.parse(
    String(await echo('text', encodeTextArray([large, `${large}!`]))),
  )
  expect(first === large && second === `${large}!`).toBe(true)
})

it('sends the least and the greatest of each kind of number', async () => {
  const least = -(2n ** 63n)
  expect(await echo('int8', encodeInt8Array([least, 0n, -least - 1n]))).toBe(
    '[-9223372036854775808,0,9223372036854775807]',
  )
  expect(await echo('int4', encodeInt4Array([-(2 ** 31), 7, 2 ** 31 - 1]))).toBe(
    '[-2147483648,7,2147483647]',
  )
  expect(await echo('float8', encodeFloat8Array([0.1, -1e300, 1732700000000.5]))).toBe(
    '[0.1,-1e+300,1732700000000.5]',
  )
})
