import { expect, test } from 'vitest'
import type { RunCount } from '../../bench/chaos/count-run.ts'
import { findFaults, judge } from '../../bench/chaos/judge.ts'

const tally = { pipeline: 'copy', processed: 6, lost: 0, repeated: 0, foreign: 0, outOfOrder: 0 }
const archive = { files: 1, leftovers: 1, wrongFiles: 0, uncommitted: 0, unlisted: 1 }

const clean: RunCount = {
  log: { acked: 6, stored: 6, storedTwice: 1, lostByLog: 0, invented: 0 },
  tallies: [tally, { ...tally, pipeline: 'logs', outOfOrder: null }],
  wrongVectors: 0,
  wrongWindows: 0,
  letters: [{ pipeline: 'ledger', letters: 2, missing: 0, early: 0, others: 0, twice: 0 }],
  otherLetters: 0,
  lettersLeft: 0,
  archives: { 'archive, ndjson': archive },
  events: { wrongBodies: 0, torn: 0, outOfReach: 1 },
  knowledge: {
    patterns: 3,
    secrets: 0,
    wrongCounts: 0,
    eventsWithoutPattern: 0,
    wrongVectors: 0,
  },
}

const judged = (count: Partial<RunCount>, rest: Partial<Parameters<typeof judge>[0]> = {}) =>
  judge({ count: { ...clean, ...count }, problems: [], catchUpMs: 0, behind: {}, ...rest })

test('a run is clean when nothing is wrong, whatever was put again or left on the disk', () => {
  expect(judged({})).toEqual([])
})

test.each(['lost', 'repeated', 'foreign', 'outOfOrder'] as const)(
  'what is %s in any pipeline fails the run, and names the pipeline',
  (field) => {
    const [verdict, ...more] = judged({ tallies: [{ ...tally, [field]: 2 }] })
    expect(more).toEqual([])
    expect(verdict).toMatch(/^copy: 2 records /)
  },
)

test('each other count that must be 0 fails the run', () => {
  const [letters] = clean.letters
  if (!letters) throw new Error('expected letters')
  const wrong: Partial<RunCount>[] = [
    { log: { ...clean.log, lostByLog: 1 } },
    { log: { ...clean.log, invented: 1 } },
    { wrongVectors: 1 },
    { wrongWindows: 1 },
    { letters: [{ ...letters, missing: 1 }] },
    { letters: [{ ...letters, early: 1 }] },
    { letters: [{ ...letters, twice: 1 }] },
    { letters: [{ ...letters, others: 1 }] },
    { otherLetters: 1 },
    { lettersLeft: 1 },
    { archives: { parquet: { ...archive, wrongFiles: 1 } } },
    { archives: { parquet: { ...archive, uncommitted: 1 } } },
    { events: { ...clean.events, wrongBodies: 1 } },
    { events: { ...clean.events, torn: 1 } },
    { knowledge: { ...clean.knowledge, secrets: 1 } },
    { knowledge: { ...clean.knowledge, wrongCounts: 1 } },
    { knowledge: { ...clean.knowledge, eventsWithoutPattern: 1 } },
    { knowledge: { ...clean.knowledge, wrongVectors: 1 } },
  ]
  for (const count of wrong) expect(judged(count)).toHaveLength(1)
  // Two of them are one count.
  expect(findFaults(clean)).toHaveLength(wrong.length - 1)
})

test('what was not caught up in time is told as such', () => {
  const tallies = [{ ...tally, lost: 1 }]
  expect(judged({ tallies }, { problems: ['w'], catchUpMs: null, behind: { copy: 1 } })).toEqual([
    'copy: 1 records not processed in time',
    'the workers did not catch up: copy 1',
    'w',
  ])
})

test('a run that appended nothing proves nothing', () => {
  expect(judged({ log: { ...clean.log, acked: 0 } })).toHaveLength(1)
})
