import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool, PoolClient } from 'pg'
import { appendDurably, writeDurably } from './durable-file.ts'
import { errnoOf } from './file-problem.ts'

export const manifestFile = 'manifest.ndjson'

/** A file of the archive that is about to be committed. */
export interface ArchivedFile {
  stream: string
  shard: number
  shardId: number
  /** Relative to the archive, with `/`. */
  path: string
  firstSequence: bigint
  lastSequence: bigint
  records: number
  bytes: number
  sha256: string
  firstArrival: Date
  lastArrival: Date
}

export interface ArchivePlace {
  archive: string
  stream: string
  shard: number
}

/** What a process knows of a shard's manifest as it left it. */
export interface ManifestState {
  /** The last row that it lists. */
  lastId: string
  /** The file that it was: another one was written by another process. */
  inode: bigint
  bytes: bigint
}

/** Makes a file part of the archive, with the transaction. A batch that was archived before is not archived again. */
export async function insertArchivedFile(
  client: PoolClient,
  owner: { pipeline: string; archive: string },
  file: ArchivedFile,
): Promise<void> {
  await client.query(
    `insert into millrace.archived_file
            (pipeline, archive, shard_id, stream, shard, path, first_seq, last_seq, records, bytes, sha256, first_at, last_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (archive, path) do nothing`,
    [
      owner.pipeline,
      owner.archive,
      file.shardId,
      file.stream,
      file.shard,
      file.path,
      String(file.firstSequence),
      String(file.lastSequence),
      file.records,
      file.bytes,
      file.sha256,
      file.firstArrival,
      file.lastArrival,
    ],
  )
}

/**
 * Brings a shard's manifest up to the table: adds what was committed since `state`, or writes all of it anew when this
 * process has not, or when somebody else has meanwhile. Only whoever has just committed for the shard calls it.
 *
 * Reads: archived_file by ascending id, which for one shard is the order of its commits: each holds the checkpoint.
 */
export async function updateManifest(
  deps: { pool: Pool },
  place: ArchivePlace,
  folder: string,
  state: ManifestState | undefined,
): Promise<ManifestState> {
  const path = join(folder, manifestFile)
  if (state && isSame(await statOf(path), state)) {
    let { lastId } = state
    for await (const page of readPages(deps, place, lastId)) {
      await appendDurably(path, page.text)
      lastId = page.lastId
    }
    return { lastId, ...(await requireStat(path)) }
  }
  let lastId = '0'
  const lines = async function* () {
    for await (const page of readPages(deps, place, '0')) {
      lastId = page.lastId
      yield page.text
    }
  }
  await writeDurably(folder, manifestFile, lines())
  return { lastId, ...(await requireStat(path)) }
}

const pageRows = 5_000

async function* readPages(deps: { pool: Pool }, place: ArchivePlace, after: string) {
  for (let lastId = after; ; ) {
    const { rows } = await deps.pool.query<{
      id: string
      path: string
      first_seq: string
      last_seq: string
      records: number
      bytes: string
      sha256: string
      first_at: Date
      last_at: Date
    }>(
      `select id, path, first_seq, last_seq, records, bytes, sha256, first_at, last_at
         from millrace.archived_file
        where archive = $1
          and stream = $2
          and shard = $3
          and id > $4
        order by id
        limit ${pageRows}`,
      [place.archive, place.stream, place.shard, lastId],
    )
    const last = rows.at(-1)
    if (!last) return
    lastId = last.id
    const lines = rows.map((row) =>
      JSON.stringify({
        path: row.path,
        firstSequence: row.first_seq,
        lastSequence: row.last_seq,
        records: row.records,
        bytes: Number(row.bytes),
        sha256: row.sha256,
        firstArrival: row.first_at.toISOString(),
        lastArrival: row.last_at.toISOString(),
      }),
    )
    yield { lastId, text: `${lines.join('\n')}\n` }
    if (rows.length < pageRows) return
  }
}

type Stat = Pick<ManifestState, 'inode' | 'bytes'>

async function statOf(path: string): Promise<Stat | null> {
  try {
    return await requireStat(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

async function requireStat(path: string): Promise<Stat> {
  const { ino, size } = await lstat(path, { bigint: true })
  return { inode: ino, bytes: size }
}

function isSame(found: Stat | null, state: Stat): boolean {
  return found !== null && found.inode === state.inode && found.bytes === state.bytes
}
