import { createReadStream } from 'node:fs'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Pool } from 'pg'
import { errnoOf } from './file-problem.ts'
import { manifestFile } from './manifest.ts'

/** What this sink itself names files, finished or not; nothing else is ever touched. */
const archiveFile = /^\d{19}-\d{19}-[0-9a-f]{16}\.(?:ndjson|ndjson\.gz|parquet)$/
const temporaryFile =
  /^\.(?:manifest\.ndjson|\d{19}-\d{19}-[0-9a-f]{16}\.[a-z.]+)\.[0-9a-f]{12}\.tmp$/

/** Younger ones may be on their way into a transaction. */
const orphanAgeMs = 3_600_000

/**
 * Deletes what crashes and retries have left in a shard's folder: files that no row names and that are an hour old.
 * A file that the manifest names has been committed once, so the database was set back to an earlier state: it is kept,
 * with `.unlisted` behind its name. Call it before the manifest is written anew. Returns how many it deleted and kept.
 */
export async function removeOrphans(
  deps: { pool: Pool },
  input: { archive: string; folder: string; path: string; now?: Date },
): Promise<{ removed: number; kept: number }> {
  const { folder, path, now = new Date() } = input
  const old: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    if (!archiveFile.test(entry.name) && !temporaryFile.test(entry.name)) continue
    const { mtimeMs } = await lstat(join(folder, entry.name))
    if (mtimeMs < now.getTime() - orphanAgeMs) old.push(entry.name)
  }
  const orphans = new Set(await withoutRow(deps, input, old))
  const committed = await listedOnes(folder, path, orphans)
  for (const name of orphans)
    if (committed.has(name)) await rename(join(folder, name), join(folder, `${name}.unlisted`))
    else await rm(join(folder, name), { force: true })
  return { removed: orphans.size - committed.size, kept: committed.size }
}

const chunk = 1_000

async function withoutRow(
  deps: { pool: Pool },
  { archive, path }: { archive: string; path: string },
  names: readonly string[],
): Promise<string[]> {
  const unknown: string[] = []
  for (let at = 0; at < names.length; at += chunk) {
    const { rows } = await deps.pool.query<{ path: string }>(
      `select wanted.path
         from unnest($2::text[]) as wanted (path)
        where not exists (select
                            from millrace.archived_file known
                           where known.archive = $1
                             and known.path = wanted.path)`,
      [archive, names.slice(at, at + chunk).map((name) => `${path}/${name}`)],
    )
    for (const row of rows) unknown.push(row.path.slice(path.length + 1))
  }
  return unknown
}

/** Those of `names` that the manifest lists. A last line that a crash has cut off lists nothing. */
async function listedOnes(
  folder: string,
  path: string,
  names: ReadonlySet<string>,
): Promise<Set<string>> {
  const listed = new Set<string>()
  if (names.size === 0) return listed
  const input = createReadStream(join(folder, manifestFile), 'utf8')
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const found = /^\{"path":"([^"\\]+)"/.exec(line)?.[1]
      const name = found?.startsWith(`${path}/`) ? found.slice(path.length + 1) : undefined
      if (name !== undefined && names.has(name)) listed.add(name)
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  return listed
}
