/**
 * Milliseconds of this thread's own CPU time that a run takes, the best of three: what else the machine does
 * meanwhile does not count.
 */
export function cpuMs(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round += 1) {
    const start = process.threadCpuUsage()
    run()
    const { user, system } = process.threadCpuUsage(start)
    best = Math.min(best, (user + system) / 1_000)
  }
  return best
}
