import type { Pool } from 'pg'
import type { Appended } from './appender.ts'
import { copyStreamToTable } from './count/copy-stream.ts'
import { type ArchiveCount, countArchive } from './count/count-archive.ts'
import { enterCopies } from './count/count-copies.ts'
import { countKnowledge, type KnowledgeCount } from './count/count-knowledge.ts'
import { countLetters, countLettersBut, type LetterCount } from './count/count-letters.ts'
import { countLog, type LogCount } from './count/count-log.ts'
import { countWrongWindows } from './count/count-windows.ts'
import { type EventCount, enterEvents } from './count/enter-events.ts'
import { type Tally, tallyOf } from './count/tally.ts'
import { archiveFormats } from './pipelines/archive.ts'
import { copyStream, replayName, stream } from './pipelines.ts'

/** What became of the records. */
export interface RunCount {
  log: LogCount
  tallies: readonly Tally[]
  /** Came with another text's vector, or without one. */
  wrongVectors: number
  /** Keys whose windows do not add up to what the stream holds. */
  wrongWindows: number
  letters: readonly LetterCount[]
  /** Dead letters of pipelines that know no poison. */
  otherLetters: number
  /** Of those that were redriven, once they were mended. */
  lettersLeft: number
  archives: Readonly<Record<string, ArchiveCount>>
  events: EventCount
  knowledge: KnowledgeCount
}

export type FirstCount = Pick<RunCount, 'log' | 'letters' | 'otherLetters'>

/** The pipelines that give up poison. */
export function ledgersOf(isReplayed: boolean): string[] {
  return isReplayed ? ['ledger', replayName] : ['ledger']
}

/** Reads the stream from its beginning, beside what was acknowledged and what was given up: before anything is redriven. */
export async function countBeforeRedrive(
  pool: Pool,
  appended: Pick<Appended, 'acked' | 'attempts'>,
  isReplayed: boolean,
): Promise<FirstCount> {
  await copyStreamToTable(pool, stream)
  await pool.query('analyze chaos.stored, chaos.ledger')
  const letters: LetterCount[] = []
  for (const name of ledgersOf(isReplayed)) letters.push(await countLetters(pool, name, stream))
  return {
    log: await countLog(pool, stream, appended),
    letters,
    otherLetters: await countLettersBut(pool, ledgersOf(isReplayed)),
  }
}

/** Counts by the stream, when all is done, what became of its records in each pipeline. */
export async function countRun(
  pool: Pool,
  first: FirstCount,
  options: { archiveDir: string; isReplayed: boolean },
): Promise<RunCount> {
  const { archiveDir: dir, isReplayed } = options
  const lettersLeft = await countLettersBut(pool, [])
  await enterCopies(pool, copyStream)
  const events = await enterEvents(pool, copyStream)
  const archives: Record<string, ArchiveCount> = {}
  for (const format of archiveFormats) {
    const pipeline = `archive, ${format}`
    archives[pipeline] = await countArchive(pool, { dir, format, pipeline })
  }
  await pool.query('analyze chaos.stored, chaos.ledger')
  const tallies: Tally[] = []
  for (const name of ledgersOf(isReplayed))
    tallies.push(await tallyOf(pool, name, stream, 'by commit'))
  for (const name of ['copy', ...Object.keys(archives)])
    tallies.push(await tallyOf(pool, name, stream, 'by place'))
  tallies.push(await tallyOf(pool, 'logs', copyStream, 'none'))
  const { rows } = await pool.query<{ count: string }>(
    `select count(*) from chaos.violation where kind = 'vector'`,
  )
  return {
    ...first,
    tallies,
    wrongVectors: Number(rows[0]?.count),
    wrongWindows: await countWrongWindows(pool, stream),
    lettersLeft,
    archives,
    events,
    knowledge: await countKnowledge(pool),
  }
}
