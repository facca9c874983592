import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

export const usage =
  'npm run chaos -- --minutes N [--seed S] [--workers N] [--rate N] [--json FILE] [--keep-logs] [--plan]'

export interface ChaosOptions {
  /** How long records come, and faults; starting and catching up are on top. */
  minutes: number
  /** Repeats the plan of faults. Default: a new one. */
  seed: number
  /** Worker processes. Default 3. */
  workers: number
  /** Records a second that the appender aims at. Default 300. */
  rate: number
  json: string | undefined
  /** Whether the logs stay also after a clean run. */
  keepLogs: boolean
  /** Only prints the plan. */
  planOnly: boolean
}

/** Reads the command line; fails with what was expected and the usage. */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const { values } = parse(args)
  const number = (name: 'minutes' | 'seed' | 'workers' | 'rate', fallback: number) => {
    const text = values[name]
    const value = text === undefined ? fallback : Number(text)
    const isWhole = name === 'minutes' || Number.isSafeInteger(value)
    if (text !== '' && Number.isFinite(value) && value > 0 && isWhole) return value
    const kind = name === 'minutes' ? 'number' : 'whole number'
    throw new Error(`expected --${name} to be a ${kind} above 0, got "${text}"\nusage: ${usage}`)
  }
  return {
    minutes: number('minutes', 2),
    seed: number('seed', randomInt(1, 1_000_000)),
    workers: number('workers', 3),
    rate: number('rate', 300),
    json: values.json,
    keepLogs: values['keep-logs'],
    planOnly: values.plan,
  }
}

/** The longest fault lasts nine seconds, which are to be over when the run is. */
const lastFaultMs = 9_000

/** How long new faults come, from a run's beginning on. */
export function faultsMs({ minutes }: Pick<ChaosOptions, 'minutes'>): number {
  return Math.max(0, minutes * 60_000 - lastFaultMs)
}

/** The command that repeats a run's plan. */
export function commandOf({ minutes, seed, workers, rate }: ChaosOptions): string {
  return `npm run chaos -- --minutes ${minutes} --seed ${seed} --workers ${workers} --rate ${rate}`
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        rate: { type: 'string' },
        json: { type: 'string' },
        'keep-logs': { type: 'boolean', default: false },
        plan: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${reason}\nusage: ${usage}`)
  }
}
