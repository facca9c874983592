import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCopyDecoder } from '../../src/db/copy-out.ts'

const int16 = (value: number) => {
  const out = Buffer.alloc(2)
  out.writeInt16BE(value)
  return out
}
const int32 = (value: number) => {
  const out = Buffer.alloc(4)
  out.writeInt32BE(value)
  return out
}
const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** What a server sends for these rows. */
const encode = (rows: (Uint8Array | null)[][]) =>
  Buffer.concat([
    header,
    ...rows.flatMap((fields) => [
      int16(fields.length),
      ...fields.flatMap((field) => (field ? [int32(field.length), field] : [int32(-1)])),
    ]),
    int16(-1),
  ])

describe('createCopyDecoder', () => {
  it('finds the same rows however the stream is cut', () => {
    const fields = fc.option(fc.uint8Array({ maxLength: 9 }), { nil: null })
    fc.assert(
      fc.property(
        fc.array(fc.array(fields, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        (rows, sizes) => {
          const data = encode(rows)
          const found: (Buffer | null)[][] = []
          const decoder = createCopyDecoder((row) => found.push(row))
          for (let at = 0, turn = 0; at < data.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1
            decoder.write(data.subarray(at, at + size))
            at += size
          }
          expect(decoder.isComplete()).toBe(true)
          const plain = (list: readonly (readonly (Uint8Array | null)[])[]) =>
            list.map((row) => row.map((field) => (field ? Array.from(field) : null)))
          expect(plain(found)).toEqual(plain(rows))
        },
      ),
    )
  })

  it('knows when the end has not come', () => {
    const data = encode([[Buffer.from('a')]])
    const decoder = createCopyDecoder(() => undefined)
    decoder.write(data.subarray(0, data.length - 1))
    expect(decoder.isComplete()).toBe(false)
  })
})
