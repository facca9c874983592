import { describe, expect, test } from 'vitest'
import {
  severityName,
  severityNames,
  severityOfLetter,
  severityOfSyslog,
  severityOfWord,
  severityRange,
} from '../../src/knowledge/severity.ts'

describe('a severity word', () => {
  test.each([
    ['TRACE', 1],
    ['debug', 5],
    ['Info', 9],
    ['Information', 9],
    ['NOTICE', 10],
    ['warn', 13],
    ['Warning', 13],
    ['ERR', 17],
    ['error', 17],
    ['SEVERE', 17],
    ['crit', 18],
    ['alert', 19],
    ['CRITICAL', 21],
    ['fatal', 21],
    ['emerg', 21],
    ['purple', 0],
    ['', 0],
    ['e', 0],
  ])('%s is %d', (word, severity) => expect(severityOfWord(word)).toBe(severity))
})

describe('a severity number', () => {
  test('has the name of its range, and unknown numbers have none', () => {
    for (const name of severityNames) {
      const { min, max } = severityRange(name)
      expect([severityName(min), severityName(max)]).toEqual([name, name])
    }
    expect([0, 25, -1, Number.NaN].map(severityName)).toEqual([null, null, null, null])
  })

  test('ranges tile 1 to 24', () => {
    const numbers = severityNames.flatMap((name) => {
      const { min, max } = severityRange(name)
      return Array.from({ length: max - min + 1 }, (_, at) => min + at)
    })
    expect(numbers).toEqual(Array.from({ length: 24 }, (_, at) => at + 1))
  })

  test('comes of syslog from emergency to debug', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(severityOfSyslog)).toEqual([
      21, 19, 18, 17, 13, 10, 9, 5, 0,
    ])
  })

  test('comes of one letter in capitals', () => {
    expect([...'VTDIWEFx'].map(severityOfLetter)).toEqual([3, 1, 5, 9, 13, 17, 21, 0])
  })
})
