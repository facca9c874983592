import { appendFile, mkdtemp, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { countArchive } from '../../bench/chaos/count/count-archive.ts'
import { createLedgerTables } from '../../bench/chaos/ledger-tables.ts'
import { noteOf } from '../../bench/chaos/notes.ts'
import { archiveFolder, archiveFormats } from '../../bench/chaos/pipelines/archive.ts'
import { toFiles } from '../../src/pipeline/sinks/to-files.ts'
import {
  commitBatch,
  contextOf,
  recordsOf,
  resourcesOf,
  rollBackBatch,
} from '../pipeline/sinks/sink-context.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()

const records = recordsOf([1, 2, 3].map((number) => JSON.stringify(noteOf('a', number))))

/** An archive of two files: one of two records and one of the third. What was rolled back is beside them. */
async function openArchive(format: (typeof archiveFormats)[number]) {
  await db.pool.query('drop schema if exists chaos cascade')
  await createLedgerTables(db.pool)
  await db.pool.query('delete from millrace.archived_file')
  const dir = await mkdtemp(join(tmpdir(), 'millrace-chaos-archive-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const root = archiveFolder(dir, format)
  const sink = await toFiles({ dir: root, format }).open(resourcesOf(db, 'archive'))
  await rollBackBatch(db, sink, records, contextOf(records))
  for (const part of [records.slice(0, 2), records.slice(2)])
    await commitBatch(db, sink, part, contextOf(part))
  const folder = join(root, 'in', 'shardId-000000000000')
  const names = (await readdir(folder)).filter((name) => name.startsWith('000')).sort()
  return {
    folder,
    names,
    count: () => countArchive(db.pool, { dir, format, pipeline: 'archive' }),
    entered: async () => {
      const { rows } = await db.pool.query<{ number: string; seq: string }>(
        `select number, seq from chaos.ledger where pipeline = 'archive' order by place`,
      )
      return rows.map(({ number, seq }) => `${number} of ${seq}`)
    },
  }
}

const clean = { files: 2, leftovers: 1, wrongFiles: 0, uncommitted: 0, unlisted: 0 }

test.each(archiveFormats)('of %s what is committed counts, and nothing else', async (format) => {
  const { count, entered } = await openArchive(format)
  expect(await count()).toEqual(clean)
  expect(await entered()).toEqual(['1 of 1', '2 of 2', '3 of 3'])
})

test.each(archiveFormats)('a file of %s that was cut off, or is gone, is told', async (format) => {
  const { folder, names, count, entered } = await openArchive(format)
  const [first = '', , last = ''] = names
  await truncate(join(folder, first), 10)
  await rm(join(folder, last))
  expect(await count()).toMatchObject({ files: 2, wrongFiles: 2 })
  expect(await entered()).toEqual([])
})

test('a file whose number of records is not its row’s is told', async () => {
  const { count } = await openArchive('ndjson')
  await db.pool.query('update millrace.archived_file set records = 7 where records = 1')
  // Its manifest does not say what its row says either.
  expect(await count()).toEqual({ ...clean, wrongFiles: 1, uncommitted: 1 })
})

test('a manifest that lists what was not committed, or not all, is told', async () => {
  const { folder, count } = await openArchive('ndjson')
  const line = { path: 'x', records: 1, bytes: 1, sha256: '' }
  await appendFile(join(folder, 'manifest.ndjson'), `${JSON.stringify(line)}\n`)
  expect(await count()).toMatchObject({ uncommitted: 1 })
  await rm(join(folder, 'manifest.ndjson'))
  expect(await count()).toEqual({ ...clean, unlisted: 2 })
})
