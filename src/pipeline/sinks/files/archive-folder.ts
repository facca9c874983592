import { createHash, randomUUID } from 'node:crypto'
import { access, constants, mkdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../../../base/errors.ts'
import { toMillraceError } from '../../../db/sqlstate.ts'
import { formatShardName } from '../../../log/shard-name.ts'
import { makeFolder, writeDurably } from './durable-file.ts'
import { errnoOf } from './file-problem.ts'

/** Whose archive a folder is. No stream is called like it, since none has an `@`. */
export const ownerFile = '@archive.json'

const ownerSchema = z.object({
  database: z.string(),
  pipeline: z.string(),
  format: z.string(),
  archive: z.string(),
})

/** An archive's folder, and the name that its files have in the table: a pipeline may have several. */
export interface ArchiveFolder {
  root: string
  archive: string
}

/**
 * Makes the archive's folder, or finds it; its path is the real one. It is one pipeline's of one database: what the
 * table does not know is deleted, so another database would take the whole archive for leftovers.
 * Fails with `invalid_argument` when it is somebody else's.
 */
export async function claimFolder(
  deps: { pool: Pool },
  input: { dir: string; pipeline: string; format: string },
): Promise<ArchiveFolder> {
  await mkdir(input.dir, { recursive: true })
  const root = await realpath(input.dir)
  await access(root, constants.W_OK)
  const own = {
    database: await readArchiveId(deps),
    pipeline: input.pipeline,
    format: input.format,
  }
  // Made from what it belongs to and where, so that two who find no file write the same one; kept when the folder moves.
  const archive = createHash('sha256')
    .update(JSON.stringify([own, root]))
    .digest('hex')
    .slice(0, 32)
  if (!(await readOwner(root)))
    await writeDurably(root, ownerFile, [`${JSON.stringify({ ...own, archive })}\n`])
  // Read back: of two that found none, the last one has it.
  const found = await readOwner(root)
  for (const [field, value] of Object.entries(own)) {
    const there = found?.[field as keyof typeof own]
    if (there !== value)
      throw new MillraceError(
        'invalid_argument',
        `toFiles: dir: expected a folder of this pipeline's own, "${input.dir}" is the archive of another ${field} (${there}, this one is ${value}); name another folder`,
      )
  }
  return { root, archive: found?.archive ?? archive }
}

async function readOwner(root: string): Promise<z.output<typeof ownerSchema> | null> {
  const path = join(root, ownerFile)
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    if (errnoOf(error) !== undefined) throw error
    throw new MillraceError(
      'invalid_argument',
      `toFiles: dir: expected "${path}" to say whose archive this is, it is damaged; name another folder, or delete the file if the archive is this pipeline's`,
      { cause: error },
    )
  }
}

/** This database's own name for its archives, made when the first one is opened. */
async function readArchiveId(deps: { pool: Pool }): Promise<string> {
  try {
    await deps.pool.query(
      `insert into millrace.setting (name, value)
       values ('archive_id', $1)
           on conflict (name) do nothing`,
      [randomUUID()],
    )
    const { rows } = await deps.pool.query<{ value: string }>(
      `select value
         from millrace.setting
        where name = 'archive_id'`,
    )
    return rows[0]?.value ?? ''
  } catch (error) {
    throw toMillraceError(error, "looking up the database's archive id")
  }
}

/** Where a shard's files are, relative to the archive, with `/`. */
export function shardPath(place: { stream: string; shard: number }): string {
  return `${folderName(place.stream)}/${formatShardName(place.shard)}`
}

/** Makes a shard's folder, or finds it. */
export async function makeShardFolder(
  root: string,
  place: { stream: string; shard: number },
): Promise<string> {
  const stream = await makeFolder(root, folderName(place.stream))
  return makeFolder(stream, formatShardName(place.shard))
}

/** Streams may be called `.` and `..`; no other name means anything to a file system. */
function folderName(stream: string): string {
  if (/^\.{1,2}$/.test(stream)) return stream.replaceAll('.', '%2E')
  if (/^[a-zA-Z0-9_.-]{1,128}$/.test(stream)) return stream
  throw new MillraceError('internal', `expected a stream's name, got ${JSON.stringify(stream)}`)
}
