import { messageOf } from '../../src/base/errors.ts'
import type { BenchLine } from '../support/lines.ts'
import { watchProcesses } from '../support/memory.ts'
import type { Contender, Setting, Store, Turn } from './contender.ts'
import { type ForkedClient, forkClient } from './fork-client.ts'

/** A turn with what it left in the store. */
export interface Measured extends Turn {
  diskBytes: number
  /** NaN of a store that has no count of it. */
  walBytes: number
  serverMib: number
}

/** A contender that takes its turns, or the reason why it does not. */
export interface Entrant {
  contender: Contender
  turns: Measured[]
  versions: Record<string, string>
  failure: string | undefined
  turn(seconds: number): Promise<Measured>
  close(): Promise<void>
}

/** Sets a contender up, with its client in a process of its own; one that cannot be had says why and takes no turns. */
export async function enter(
  file: string,
  lines: readonly BenchLine[],
  setting: Setting,
): Promise<Entrant> {
  const { contender } = (await import(`./${file}.ts`)) as { contender: Contender }
  const absent = async () => {
    throw new Error(`${contender.name} is not there`)
  }
  const entrant: Entrant = {
    contender,
    turns: [],
    versions: {},
    failure: undefined,
    turn: absent,
    close: async () => undefined,
  }
  let store: Store | undefined
  try {
    store = await contender.prepare(setting)
    const client = await forkClient({ file, url: store.url, lines }, setting.signal)
    const opened = store
    entrant.versions = store.versions
    entrant.turn = (seconds) => measure(opened, client, seconds)
    entrant.close = () => client.close().finally(() => opened.dispose())
  } catch (error) {
    await store?.dispose().catch(() => undefined)
    entrant.failure = messageOf(error)
    setting.note(`append: ${contender.name}: ${entrant.failure}`)
  }
  return entrant
}

async function measure(store: Store, client: ForkedClient, seconds: number): Promise<Measured> {
  const wal = async () => (await store.walBytes?.()) ?? Number.NaN
  const [disk, walBefore] = [await store.storedBytes(), await wal()]
  const server = store.serverPid === undefined ? undefined : watchProcesses(store.serverPid)
  try {
    const turn = await client.turn(seconds)
    return {
      ...turn,
      walBytes: (await wal()) - walBefore,
      diskBytes: (await store.storedBytes()) - disk,
      serverMib: server?.peakMib() ?? Number.NaN,
    }
  } finally {
    server?.stop()
  }
}
