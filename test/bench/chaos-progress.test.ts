import { describe, expect, test } from 'vitest'
import { type CheckpointRow, createProgressTracker } from '../../bench/chaos/track-progress.ts'

const row = (fields: Partial<CheckpointRow> = {}): CheckpointRow => ({
  pipeline: 'ledger',
  shardId: 1,
  owner: 'host:7:a',
  epoch: '1',
  seq: '10',
  isBehind: true,
  isWorkable: true,
  ...fields,
})

/** A tracker that has seen these rows (null: the database was away), one look every 100 ms from 0 on. */
function trackerOf(looks: readonly (readonly CheckpointRow[] | null)[]) {
  const tracker = createProgressTracker()
  for (const [index, rows] of looks.entries()) tracker.observe({ at: index * 100, rows })
  return tracker
}

const isSeven = (owner: string) => owner.split(':').includes('7')

describe('a take-over', () => {
  test('lasts from the hit until another has taken the lease', () => {
    const tracker = trackerOf([[row(), row({ shardId: 2, owner: 'host:8:a' })]])
    expect(tracker.hit('kill worker', 50, isSeven)).toBe(1)
    tracker.observe({ at: 100, rows: [row()] })
    tracker.observe({ at: 5_050, rows: [row({ owner: 'host:8:b', epoch: '2' })] })
    expect(tracker.progress().takeOvers).toEqual([
      {
        cause: 'kill worker',
        pipeline: 'ledger',
        shardId: 1,
        ms: 5_000,
        workableMs: 5_000,
        withOutage: false,
      },
    ])
    expect(tracker.progress().notTaken).toBe(0)
  })

  test('is not a commit that was under way when the worker was hit', () => {
    const tracker = trackerOf([[row()]])
    tracker.hit('kill worker', 0, isSeven)
    tracker.observe({ at: 100, rows: [row({ seq: '20' })] })
    expect(tracker.progress().takeOvers).toEqual([])
  })

  test('is also that a frozen worker goes on by itself, as nobody had to take its lease', () => {
    const tracker = trackerOf([[row()]])
    tracker.hit('freeze worker', 0, isSeven)
    tracker.observe({ at: 7_000, rows: [row({ seq: '20' })] })
    expect(tracker.progress().takeOvers).toMatchObject([{ ms: 7_000 }])
  })

  test('says when the database was away meanwhile', () => {
    const tracker = trackerOf([[row()]])
    tracker.hit('kill worker', 0, isSeven)
    tracker.observe({ at: 100, rows: null })
    tracker.observe({ at: 200, rows: [row({ epoch: '2' })] })
    expect(tracker.progress().takeOvers).toMatchObject([{ ms: 200, withOutage: true }])
  })

  test('tells the time in which the shard could not be worked apart', () => {
    const tracker = trackerOf([[row()]])
    tracker.hit('kill worker', 0, isSeven)
    tracker.observe({ at: 100, rows: [row({ isWorkable: false })] })
    tracker.observe({ at: 60_000, rows: [row()] })
    tracker.observe({ at: 60_300, rows: [row({ epoch: '2' })] })
    expect(tracker.progress().takeOvers).toMatchObject([{ ms: 60_300, workableMs: 400 }])
  })

  test('leaves the time in which the database was away out of what was workable', () => {
    const tracker = trackerOf([[row()], null, null, null, [row()]])
    tracker.hit('kill worker', 400, isSeven)
    tracker.observe({ at: 500, rows: null })
    tracker.observe({ at: 9_500, rows: [row()] })
    tracker.observe({ at: 9_700, rows: [row({ epoch: '2' })] })
    expect(tracker.progress().takeOvers).toMatchObject([{ ms: 9_300, workableMs: 200 }])
  })

  test('that does not come is counted', () => {
    const tracker = trackerOf([[row()]])
    tracker.hit('kill worker', 0, isSeven)
    tracker.observe({ at: 90_000, rows: [row()] })
    expect(tracker.progress()).toMatchObject({ takeOvers: [], notTaken: 1 })
  })
})

describe('the longest time without a commit', () => {
  test('ends with a commit in any shard of the pipeline', () => {
    const [a, b] = [row(), row({ shardId: 2 })]
    const moved = { ...b, seq: '11' }
    const tracker = trackerOf([
      [a, b],
      [a, b],
      [a, b],
      [a, moved],
      [a, moved],
    ])
    expect(tracker.progress().gaps.ledger?.whole).toEqual({ ms: 300, atMs: 0 })
    // One shard stood still all the while.
    expect(tracker.progress().stalls.ledger).toEqual({ ms: 400, atMs: 0, shardId: 1 })
  })

  test('is none while there is nothing to read', () => {
    const idle = row({ isBehind: false, isWorkable: false })
    const tracker = trackerOf([[idle], [idle], [idle], [row()], [row({ seq: '11' })]])
    expect(tracker.progress().gaps.ledger?.whole).toEqual({ ms: 200, atMs: 200 })
  })

  test('leaves out an outage of the database where that is asked', () => {
    const tracker = trackerOf([[row()], null, null, null, [row()], [row({ seq: '11' })]])
    expect(tracker.progress().gaps.ledger).toEqual({
      whole: { ms: 500, atMs: 0 },
      served: { ms: 100, atMs: 400 },
    })
    expect(tracker.progress().outage).toEqual({ ms: 300, atMs: 100 })
  })
})

test('a shard without records to read does not stand still', () => {
  const idle = row({ isBehind: false, isWorkable: false })
  const tracker = trackerOf([[idle], [idle], [idle], [row()], [row()], [row({ seq: '11' })]])
  expect(tracker.progress().stalls.ledger).toMatchObject({ ms: 300, atMs: 200 })
})
