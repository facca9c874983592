// The inside of a chaos run, beside the throwaway server of DATABASE_URL that main.ts has started; it takes main.ts'
// arguments. It ends when it is interrupted or when main.ts is gone (its stdin ends), and ends all that it has started.
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { messageOf } from '../../src/base/errors.ts'
import { describeMachine } from '../support/machine.ts'
import { renderTable } from '../support/table.ts'
import { judge } from './judge.ts'
import { commandOf, parseOptions } from './options.ts'
import { toLines, toTables } from './report.ts'
import { createLogDir, runChaos } from './run-chaos.ts'

const note = (text: string) => {
  const at = `${Math.round(performance.now() / 1000)} s`.padStart(6)
  process.stderr.write(`chaos ${at}: ${text}\n`)
}
const interrupted = new AbortController()
const interrupt = () => interrupted.abort()
process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
process.stdin.on('end', interrupt).on('error', interrupt).resume()

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  const logs = await createLogDir(options.seed)
  // Nothing here waits for ever; this is for what nobody thought of.
  const limit = setTimeout(interrupt, options.minutes * 60_000 + 6 * 60_000)
  try {
    const result = await runChaos(options, {
      databaseUrl: process.env.DATABASE_URL ?? '',
      logDir: logs.path,
      note,
      signal: interrupted.signal,
    })
    const wrong = judge(result)
    console.log(`\n## Proof by fault: ${options.minutes} min, seed ${options.seed}\n`)
    for (const table of toTables(result)) console.log(`${renderTable(table)}\n`)
    for (const line of toLines(result)) console.log(`- ${line}`)
    const machine = { ...describeMachine(), load: loadavg()[0]?.toFixed(1) ?? '' }
    console.log(
      `- ${Object.entries(machine)
        .map(([key, value]) => `${key} ${value}`)
        .join(' · ')}\n`,
    )
    console.log(
      wrong.length === 0 ? 'CLEAN' : `NOT CLEAN\n${wrong.map((line) => `- ${line}`).join('\n')}`,
    )
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify({ at: new Date(), options, machine, wrong, ...result }, null, 2)}\n`,
      )
    if (wrong.length > 0 || options.keepLogs) note(`the logs are in ${logs.path}`)
    else await logs.remove()
    return wrong.length > 0 ? 1 : 0
  } catch (error) {
    note(`${messageOf(error)}; the logs are in ${logs.path}`)
    return interrupted.signal.aborted ? 130 : 2
  } finally {
    clearTimeout(limit)
    process.stdin.destroy()
    note(`the same plan again: ${commandOf(options)}`)
  }
}

process.exitCode = await main()
