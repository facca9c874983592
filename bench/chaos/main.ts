// Proof by fault:
// `npm run chaos -- --minutes N [--seed S] [--workers N] [--rate N] [--json FILE] [--keep-logs] [--plan]`
//
// It starts a throwaway PostgreSQL (.ci/native-postgres.sh), workers and an embedding server, lets all of them fail by a
// plan that the seed repeats, and counts: it exits with 1 unless every record was processed once and in order, with 2 when
// it could not run. --plan only prints the plan.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../src/base/errors.ts'
import { commandOf, faultsMs, parseOptions } from './options.ts'
import { type Fault, planFaults } from './plan-faults.ts'

const inner = fileURLToPath(new URL('chaos-process.ts', import.meta.url))
const script = fileURLToPath(new URL('../../.ci/native-postgres.sh', import.meta.url))

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  process.stderr.write(`chaos: seed ${options.seed}; ${commandOf(options)}\n`)
  if (options.planOnly) {
    for (const fault of planFaults(options.seed, faultsMs(options)))
      console.log(describeFault(fault))
    return 0
  }
  const repeatable = ['--seed', String(options.seed)]
  // A group of its own: an interrupt reaches the script and the run together, and the script removes the server last.
  const child = spawn('bash', [script, process.execPath, inner, ...args, ...repeatable], {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const pass = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  }
  process.on('SIGINT', pass).on('SIGTERM', pass)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass)
      resolve(code ?? 130)
    })
  })
}

function describeFault(fault: Fault): string {
  const at = `${(fault.atMs / 1000).toFixed(1).padStart(7)} s  `
  if (fault.kind === 'replay') return `${at}replay`
  if (fault.kind === 'reshard') return `${at}reshard: ${fault.reshard}, ${fault.target}`
  const lasting = `${(fault.forMs / 1000).toFixed(1)} s`
  return fault.kind === 'embedding'
    ? `${at}embedding: ${fault.mode}, ${lasting}`
    : `${at}${fault.kind}, ${lasting}`
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`chaos: ${messageOf(error)}\n`)
  process.exitCode = 2
}
