import { readFileSync, readlinkSync } from 'node:fs'
import { platform } from 'node:process'

/** What tells a process from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number
  /** Where and when it started: boot, process namespace, ticks since boot. Empty where the system does not tell. */
  start: string
}

/** The identity of a process that runs, this one by default. */
export function identify(pid = process.pid): ProcessIdentity {
  return { pid, start: readStart(pid) ?? '' }
}

/**
 * Whether the process still runs. On Linux a recycled number and a zombie are told apart; elsewhere any process of that
 * number counts as it, which errs on the side of alive.
 */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.pid < 1) return false
  if (platform === 'linux') return readStart(identity.pid) === identity.start
  try {
    process.kill(identity.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Undefined when there is no such process, or only what is left of it. */
function readStart(pid: number): string | undefined {
  if (platform !== 'linux') return ''
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Fields from the third on; the second, the command's name in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    if (state === 'Z' || state === 'X') return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')} ${fields[19]}`
  } catch {
    return undefined
  }
}
