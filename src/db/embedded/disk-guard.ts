import { statfs } from 'node:fs/promises'
import { messageOf } from '../../base/errors.ts'
import type { Multiplexer, Report } from './multiplexer.ts'

/**
 * Refuses writes while the disk is nearly full, so that reading goes on: PostgreSQL itself panics when its log finds no
 * space, and the engine then cannot even open before some is freed.
 *
 * It looks often while the engine is used. One statement that writes more than the reserve between two looks can still
 * fill the disk: it fails with 53100 too, and at worst the engine starts again (open-embedded.ts).
 */
export interface DiskGuard {
  stop(): void
}

export type FreeBytes = () => Promise<number>

const lookMs = 100

const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`

/** Bytes that are free for this user where `folder` is. */
export async function readFreeBytes(folder: string): Promise<number> {
  const { bsize, bavail } = await statfs(folder)
  return bsize * bavail
}

/** Has looked once when it resolves. */
export async function startDiskGuard(
  deps: {
    multiplexer: Multiplexer
    freeBytes: FreeBytes
    report: Report
  },
  options: { reserveBytes: number },
): Promise<DiskGuard> {
  const { multiplexer, freeBytes, report } = deps
  const { reserveBytes } = options
  let isRefusing = false
  let seen = -1
  let isLooking = false

  const look = async () => {
    const free = await freeBytes()
    // Some more must be free before writes go on, so that it does not flicker.
    const mustRefuse = free < (isRefusing ? 1.25 : 1) * reserveBytes
    if (mustRefuse === isRefusing) return
    report('warn', mustRefuse ? 'disk_nearly_full' : 'disk_freed', {
      free,
      reserve: reserveBytes,
    })
    await multiplexer.refuseWrites(
      mustRefuse
        ? `the disk is nearly full: writing needs ${mebibytes(1.25 * reserveBytes)} free, there are ${mebibytes(free)}; free some`
        : undefined,
    )
    isRefusing = mustRefuse
  }

  const lookAgain = async () => {
    const { unitsRun } = multiplexer
    if (isLooking || (unitsRun === seen && !isRefusing)) return
    isLooking = true
    seen = unitsRun
    await look().catch((error) => report('warn', 'disk_unknown', { reason: messageOf(error) }))
    isLooking = false
  }

  await lookAgain()
  const timer = setInterval(lookAgain, lookMs)
  return { stop: () => clearInterval(timer) }
}
