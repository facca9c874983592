import { readdir, readFile } from 'node:fs/promises'

const mebibyte = 1024 * 1024

/** This process' greatest resident set so far, in MiB. */
export function peakRss(): number {
  return process.resourceUsage().maxRSS / 1024
}

/**
 * Watches the memory of a process and of its children (a PostgreSQL server: its postmaster and all backends), as their
 * proportional set sizes, so that shared buffers count once. `peakMib` is NaN where /proc does not tell.
 */
export function watchProcesses(parent: number, everyMs = 250) {
  let peak = Number.NaN
  let busy = false
  const look = async () => {
    if (busy) return
    busy = true
    const sizes = await Promise.all((await familyOf(parent)).map(proportionalBytes))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    if (total > 0 && !(total <= peak)) peak = total
    busy = false
  }
  const timer = setInterval(look, everyMs)
  return {
    peakMib: () => peak / mebibyte,
    stop: () => clearInterval(timer),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

async function familyOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const family = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0])
      return Number(pid) === parent || ppid === parent ? [Number(pid)] : []
    }),
  )
  return family.flat()
}

async function proportionalBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
