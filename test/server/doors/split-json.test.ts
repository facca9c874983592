import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitJson } from '../../../src/server/doors/split-json.ts'

const split = (text: string) =>
  splitJson(Buffer.from(text), 1_000).map(({ data }) => data.toString('utf8'))

describe('splitJson', () => {
  it('gives each element of an array its own bytes, blanks and digits as they were sent', () => {
    expect(
      split('[{"a": 1.10},\n  {"b":[1,{"c":"],}"}]} , "x\\"]", 12345678901234567890 ,null]'),
    ).toEqual(['{"a": 1.10}', '{"b":[1,{"c":"],}"}]}', '"x\\"]"', '12345678901234567890', 'null'])
  })

  it('takes one object, objects one after the other, and arrays among them', () => {
    expect(split(' {"a":1} ')).toEqual(['{"a":1}'])
    expect(split('{"a":1}{"b":2}\n{"c":3}\n')).toEqual(['{"a":1}', '{"b":2}', '{"c":3}'])
    expect(split('[{"a":1}]\n[]\n{"b":2}')).toEqual(['{"a":1}', '{"b":2}'])
    expect(split('\ufeff[{"a":1}]')).toEqual(['{"a":1}'])
  })

  it('takes an empty array for no records, and an element that is not UTF-8 as it is', () => {
    expect(split('[ ]')).toEqual([])
    const bytes = Buffer.concat([Buffer.from('["'), Buffer.from([0xff]), Buffer.from('"]')])
    expect(splitJson(bytes, 10).map(({ data }) => [...data])).toEqual([[0x22, 0xff, 0x22]])
  })

  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['an array that does not end', '[{"a":1}'],
    ['an array that ends twice', '[{"a":1}]]'],
    ['a comma at the end', '[{"a":1},]'],
    ['a comma at the start', '[,1]'],
    ['no comma', '[1 2]'],
    ['two objects without a comma', '[{"a":1}{"b":2}]'],
    ['a string that does not end', '["abc]'],
    ['an escape at the end', '["abc\\'],
    ['brackets that do not match', '[{"a":[1}]]'],
    ['a word', 'hello'],
    ['a number', '12'],
    ['a single quote', "[{'a':1}]"],
    ['a comma between objects', '{"a":1},{"b":2}'],
  ])('refuses %s, without quoting it', (_what, text) => {
    expect(() => split(text)).toThrow(/nothing was stored/)
    expect(() => split(text)).not.toThrow(/hello|abc/)
  })

  it('refuses more records than it may take', () => {
    expect(splitJson(Buffer.from('[1,2,3]'), 3)).toHaveLength(3)
    expect(() => splitJson(Buffer.from('[1,2,3,4]'), 3)).toThrow(/at most 3 records/)
  })

  it('reads brackets that are nested very deep without running out of stack', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(split(deep)).toHaveLength(1)
  })

  it('finds the elements of any array, however it is written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t'),
        (values, indent) => {
          const records = splitJson(Buffer.from(JSON.stringify(values, null, indent)), 10_000)
          expect(records.map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(values)))
          for (const { data, value } of records) expect(JSON.parse(data.toString())).toEqual(value)
        },
      ),
    )
  })

  it('takes an array exactly when it is JSON, whatever a character of it is changed to', () => {
    const text = '[{"a":[1,"b\\n"]}, null ,"c"]'
    let refused = 0
    for (let at = 0; at < text.length; at += 1) {
      for (const char of '[]{},:"\\ 1an') {
        const changed = `[${text.slice(0, at)}${char}${text.slice(at + 1)}]`
        let expected: unknown
        try {
          expected = JSON.parse(changed)
        } catch {
          refused += 1
          expect(() => split(changed), changed).toThrow(/nothing was stored/)
          continue
        }
        const values = splitJson(Buffer.from(changed), 100).map(({ value }) => value)
        expect(values, changed).toEqual(expected)
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})
