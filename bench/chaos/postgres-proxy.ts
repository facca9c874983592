import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Which half of a COMMIT is lost: then it was not made, or it was and nobody heard. */
export type CommitHalf = 'question' | 'answer'

export interface PostgresProxy extends AsyncDisposable {
  /** The database's URL, through it. */
  url: string
  /**
   * From now on it accepts and answers nothing, and holds what comes, until it flows again: all connections, or those of
   * one application by its name.
   */
  stall(application?: string): void
  flow(application?: string): void
  /** What there is now, of all or of one application, carries nothing from now on, and neither end is told; what comes new does. */
  forget(application?: string): void
  /** Of the next `times` batches that workers commit one half is lost, and the connection with it. */
  cutCommits(times: number, half: CommitHalf): void
  /** How many were cut since it was told to. */
  cutSoFar(): number
  /** Cuts no more. */
  spareCommits(): void
}

/** A COMMIT as pg sends it: a simple query, alone in its packet, since it waits for all before it. */
const commit = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1')
/** The statement that every batch's transaction begins with. */
const batchStatement = 'millrace.advance_checkpoint'

const everybody = ''

class Cut extends Error {}

interface Passage {
  application?: string
  isForgotten: boolean
}

/** Passes connections on to the PostgreSQL of `databaseUrl`, as badly as it is told to. */
export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const passages = new Set<Passage>()
  const stalls = new Map<string, PromiseWithResolvers<void>>()
  let toCut: { half: CommitHalf; times: number } | undefined
  let cut = 0

  const takeCut = (): CommitHalf | null => {
    if (!toCut || toCut.times === 0) return null
    toCut.times -= 1
    cut += 1
    return toCut.half
  }

  const pass = async (client: Socket) => {
    const server = connect(Number(target.port), target.hostname)
    const both = [client, server]
    for (const socket of both) sockets.add(socket.setNoDelay(true).on('error', () => undefined))
    const passage: Passage = { isForgotten: false }
    passages.add(passage)
    const flowing = async () => {
      for (const name of [everybody, passage.application ?? everybody])
        await stalls.get(name)?.promise
    }
    /** Carries what comes from one end to the other until the first is closed; `look` may end it. */
    const carry = async (from: Socket, to: Socket, look: (chunk: Buffer) => void) => {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        passage.application ??= applicationOf(chunk)
        await flowing()
        if (passage.isForgotten) continue
        look(chunk)
        if (!to.write(chunk)) await once(to, 'drain')
      }
    }
    let isBatch = false
    let isUnheard = false
    const ways = [
      carry(client, server, (chunk) => {
        isBatch ||= chunk.includes(batchStatement)
        if (!chunk.equals(commit)) return
        const half = isBatch ? takeCut() : null
        isBatch = false
        if (half === 'question') throw new Cut()
        isUnheard = half === 'answer'
      }),
      carry(server, client, () => {
        if (isUnheard) throw new Cut()
      }),
    ]
    await Promise.race(ways).catch(() => undefined)
    // The other end of one that is forgotten does not hear of it.
    if (passage.isForgotten) await Promise.allSettled(ways)
    passages.delete(passage)
    for (const socket of both) {
      socket.destroy()
      sockets.delete(socket)
    }
  }

  const listener = createServer((client) => void pass(client))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((listener.address() as AddressInfo).port)
  const flow = (application = everybody) => {
    stalls.get(application)?.resolve()
    stalls.delete(application)
  }
  return {
    url: url.href,
    stall: (application = everybody) => {
      if (!stalls.has(application)) stalls.set(application, Promise.withResolvers())
    },
    flow,
    forget: (application = everybody) => {
      for (const passage of passages)
        if (application === everybody || passage.application === application)
          passage.isForgotten = true
    },
    cutCommits: (times, half) => {
      cut = 0
      toCut = { half, times }
    },
    cutSoFar: () => cut,
    spareCommits: () => {
      toCut = undefined
    },
    [Symbol.asyncDispose]: async () => {
      for (const application of [...stalls.keys()]) flow(application)
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The name that a connection's first packet gives. */
function applicationOf(startup: Buffer): string {
  const parts = startup.toString('latin1').split('\0')
  return parts[parts.indexOf('application_name') + 1] ?? ''
}
