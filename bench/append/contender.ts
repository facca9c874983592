import type { BenchLine } from '../support/lines.ts'

/** Records of a put. */
export const batchSize = 500
/** Puts in flight; also the shards, queues, streams or tables of a contender, and its connections. */
export const slots = 4

/** What a contender's server side is given. */
export interface Setting {
  databaseUrl: string
  note: (text: string) => void
  signal: AbortSignal
}

/** A contender's server side, ready: it lives in the benchmark's own process. */
export interface Store {
  /** What its client connects with. */
  url: string
  /** The server's process, where it is one of this machine. */
  serverPid: number | undefined
  versions: Record<string, string>
  /** Bytes on disk of all that was put, indexes and logs of the store included. */
  storedBytes(): Promise<number>
  /** Bytes of write-ahead log ever written; only of a store that counts them. */
  walBytes?(): Promise<number>
  /** Ends what was started and removes what was made. */
  dispose(): Promise<void>
}

/** A contender's client side: it lives in a process of its own. */
export interface Client {
  /** Puts 500 records; resolves when they are acknowledged. Each slot has one put under way. */
  put(slot: number, batch: readonly BenchLine[]): Promise<void>
  /** Ends a turn, where puts alone acknowledge nothing. */
  settle?(): Promise<void>
  close(): Promise<void>
}

/** A way to append: `bench/append/NAME.ts` exports one as `contender`. */
export interface Contender {
  name: string
  /** `limit`: what PostgreSQL can do with no log on top of it. */
  role: 'millrace' | 'limit' | 'peer'
  durability: 'fsync before ack' | 'fsync at the end only' | 'no fsync'
  /** Fails when it cannot be had here: the message says why. */
  prepare(setting: Setting): Promise<Store>
  connect(url: string): Promise<Client>
}

/** What a turn of a contender gave. */
export interface Turn {
  records: number
  seconds: number
  /** Milliseconds of each put; none where a put acknowledges nothing. */
  putMs: number[]
  peakRssMib: number
}
