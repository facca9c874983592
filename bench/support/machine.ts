import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'

/** What a figure depends on and a reader cannot see. */
export function describeMachine(): Record<string, string> {
  const [first] = cpus()
  return {
    cpu: `${cpus().length} x ${first?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    kernel: release(),
    node: process.version,
    commit: commitOf(),
  }
}

function commitOf(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
    const dirty = git('status', '--porcelain', '--', 'src', 'migrations') === '' ? '' : '+'
    return git('rev-parse', '--short', 'HEAD') + dirty
  } catch {
    return 'unknown'
  }
}
