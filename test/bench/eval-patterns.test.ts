import { expect, test } from 'vitest'
import { parseCsv } from '../../bench/eval/patterns/parse-csv.ts'
import { scoreGroups } from '../../bench/eval/patterns/score-groups.ts'

test('a line is right only when its group is the very set of lines of its label', () => {
  const labels = ['a', 'a', 'b', 'b', 'c', 'd']
  expect(scoreGroups(['1', '1', '2', '2', '3', '4'], labels)).toMatchObject({ accuracy: 1, f1: 1 })
  const split = scoreGroups(['1', '5', '2', '2', '3', '4'], labels)
  expect(split).toMatchObject({ accuracy: 4 / 6, f1: (2 * 3) / (5 + 4), groups: 5, labels: 4 })
  expect(split.wrong).toMatchObject([{ label: 'a', lines: 2, found: [{ lines: 1, of: 1 }, {}] }])
  const joined = scoreGroups(['1', '1', '2', '2', '3', '3'], labels)
  expect(joined).toMatchObject({ accuracy: 4 / 6, f1: (2 * 2) / (3 + 4) })
  expect(joined.wrong.map((group) => group.found)).toEqual([
    [{ group: '3', lines: 1, of: 2 }],
    [{ group: '3', lines: 1, of: 2 }],
  ])
})

test('a CSV field in quotes may hold commas, quotes and line ends', () => {
  expect(parseCsv('a,b\r\n1,"x, ""y""\nz"\n,\n"",2')).toEqual([
    ['a', 'b'],
    ['1', 'x, "y"\nz'],
    ['', ''],
    ['', '2'],
  ])
})
