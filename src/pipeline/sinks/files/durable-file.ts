import { randomBytes } from 'node:crypto'
import { constants, lstat, lutimes, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '../../../base/errors.ts'
import { errnoOf } from './file-problem.ts'

/**
 * Writes a file that is there whole or not at all, and is on the disk when this resolves: temporary name, fsync, rename,
 * fsync of the folder. A crash leaves at most `.NAME.RANDOM.tmp`.
 */
export async function writeDurably(
  folder: string,
  name: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`)
  // Exclusive: what is there already, a link for instance, is not written through.
  const file = await open(temporary, 'wx')
  try {
    try {
      for await (const chunk of chunks) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(folder)
}

/** Appends to a file that exists, and is on the disk when this resolves. Does not follow a link. */
export async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes a file new again, so that it is no leftover; false when there is none of this size. */
export async function renewFile(path: string, bytes: number): Promise<boolean> {
  try {
    const now = new Date()
    await lutimes(path, now, now)
    const found = await lstat(path)
    return found.isFile() && found.size === bytes
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Makes a folder inside another. Fails with `invalid_argument` when a link or a file is in its place. */
export async function makeFolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name)
  try {
    await mkdir(path)
    await syncFolder(parent)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  if ((await lstat(path)).isDirectory()) return path
  throw new MillraceError(
    'invalid_argument',
    `expected "${path}" to be a folder, it is a link or a file; move it away, the archive follows no links`,
  )
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; NTFS keeps a journal of them.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
