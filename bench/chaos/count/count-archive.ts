import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import type { Pool } from 'pg'
import { manifestFile } from '../../../src/pipeline/sinks/files/manifest.ts'
import type { Note } from '../notes.ts'
import { type ArchiveFormat, archiveFolder } from '../pipelines/archive.ts'
import { enterResults } from './enter-results.ts'

/** What is wrong with an archive's files; all but `files` and `leftovers` are 0 in a run without a fault. */
export interface ArchiveCount {
  files: number
  /** On the disk and no part of the archive: batches that were given up before their commit. */
  leftovers: number
  /** Of another size, another content or another number of records than the archive says, or not there. */
  wrongFiles: number
  /** Files that a manifest lists and the table does not. */
  uncommitted: number
  /** Files that no manifest lists. A crash right behind a commit may leave one, until the shard's next. */
  unlisted: number
}

interface FileRow {
  path: string
  shardId: number
  records: number
  bytes: number
  sha256: string
}

/** Reads an archive as whoever uses it does, and enters each of its records into the ledger as `pipeline`'s. */
export async function countArchive(
  pool: Pool,
  input: { dir: string; format: ArchiveFormat; pipeline: string },
): Promise<ArchiveCount> {
  const { format, pipeline } = input
  const root = archiveFolder(input.dir, format)
  const { rows } = await pool.query<FileRow>(
    `select path, shard_id as "shardId", records, bytes, sha256
       from millrace.archived_file
      where path like '%.' || $1
      order by id`,
    [format],
  )
  let wrongFiles = 0
  let place = 0
  for (const row of rows) {
    const bytes = await readFile(join(root, row.path)).catch(() => Buffer.alloc(0))
    const isRight = bytes.length === Number(row.bytes) && row.sha256 === hashOf(bytes)
    const records = isRight ? await readers[format](bytes) : []
    if (!isRight || records.length !== row.records) wrongFiles += 1
    await enterResults(
      pool,
      pipeline,
      records.map(({ note, sequence }) => {
        place += 1
        return { ...note, shardId: row.shardId, sequence, place: String(place) }
      }),
    )
  }
  const names = await readdir(root, { recursive: true })
  const onDisk = names.filter((name) => /-[0-9a-f]{16}\.\w+$/.test(name))
  const listed = await readManifests(root, names)
  const committed = new Set(rows.map(describe))
  return {
    files: rows.length,
    leftovers: onDisk.length - rows.length,
    wrongFiles,
    uncommitted: listed.filter((line) => !committed.has(line)).length,
    unlisted: rows.length - new Set(listed).size,
  }
}

interface Archived {
  note: Note
  sequence: string
}

const readers: Record<ArchiveFormat, (bytes: Buffer) => Promise<Archived[]>> = {
  ndjson: async (bytes) =>
    bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { data: Note; sequence: string })
      .map(({ data, sequence }) => ({ note: data, sequence })),
  parquet: async (bytes) => {
    const file = new Uint8Array(bytes).buffer
    const rows = await parquetReadObjects({ file })
    return rows.map(({ data, sequence }) => ({
      note: JSON.parse(String(data)) as Note,
      sequence: String(sequence),
    }))
  },
}

/** The files that the manifests list, as `describe` has them. */
async function readManifests(root: string, names: readonly string[]): Promise<string[]> {
  const manifests = names.filter((name) => basename(name) === manifestFile)
  const texts = await Promise.all(manifests.map((name) => readFile(join(root, name), 'utf8')))
  return texts
    .flatMap((text) => text.split('\n').filter(Boolean))
    .map((line) => describe(JSON.parse(line) as FileRow))
}

function describe({ path, records, bytes, sha256 }: Omit<FileRow, 'shardId'>): string {
  return [path, records, bytes, sha256].join()
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
