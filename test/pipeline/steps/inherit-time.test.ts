import { describe, expect, it } from 'vitest'
import { createTimeKeeper } from '../../../src/pipeline/steps/inherit-time.ts'
import { parseRecord } from '../../../src/pipeline/steps/parse/parse-record.ts'

const arrivedAt = new Date('2026-11-23T12:00:00Z')

/** The times of lines that arrive from sources, in order: `[source, text, seconds after the first]`. */
function timesOf(lines: [source: string, text: string, late?: number][]): string[] {
  const keepTime = createTimeKeeper()
  return lines.map(([source, text, late = 0]) => {
    const arrived = new Date(arrivedAt.getTime() + late * 1_000)
    const event = parseRecord({ data: Buffer.from(text), arrivedAt: arrived, partitionKey: source })
    return keepTime({ source, arrivedAt: arrived, event }).at.toISOString()
  })
}

describe('a line without a time', () => {
  it('takes that of the line before it, as the lines of a stack trace do', () => {
    expect(
      timesOf([
        ['app', '2026-11-23 10:00:01 ERROR Order processing failed'],
        ['app', 'java.lang.NullPointerException: customer is null'],
        ['app', '\tat com.shop.Orders.total(Orders.java:42)'],
        ['app', '2026-11-23 10:00:09 INFO next'],
      ]),
    ).toEqual([
      '2026-11-23T10:00:01.000Z',
      '2026-11-23T10:00:01.000Z',
      '2026-11-23T10:00:01.000Z',
      '2026-11-23T10:00:09.000Z',
    ])
  })

  it('takes none of another source, nor of one that arrived long before', () => {
    expect(
      timesOf([
        ['app', '2026-11-23 10:00:01 ERROR failed'],
        ['other', '\tat com.shop.Orders.total(Orders.java:42)'],
        ['app', 'a line much later', 60],
      ]).slice(1),
    ).toEqual([arrivedAt.toISOString(), new Date(arrivedAt.getTime() + 60_000).toISOString()])
  })

  it('keeps its arrival where no line before it has a time', () => {
    expect(
      timesOf([
        ['app', 'plain text'],
        ['app', 'more of it'],
      ]),
    ).toEqual([arrivedAt.toISOString(), arrivedAt.toISOString()])
  })
})
