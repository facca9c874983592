/** What one client may cost the others, and how long the engine waits for it. */
export interface EmbeddedLimits {
  /** A client that holds the engine with an open transaction, sends nothing, and keeps others waiting, is cut off after it. Default 30,000 ms. */
  idleInTransactionMs: number
  /** Longest message, batch or COPY FROM STDIN that is accepted. Default 256 MiB. */
  maxRequestBytes: number
  /** Longest answer to one batch or query; the engine makes all of it before any of it can drain. Default 256 MiB. */
  maxResultBytes: number
  /** Requests of one client that may wait; more are not read from its socket until some are done. Default 4 MiB. */
  maxWaitingBytes: number
  /** A client with more unread answers than this runs nothing until it has read them. Default 1 MiB. */
  maxUnreadBytes: number
  /** With less than this free where the data is, writes fail with 53100 and reads go on. Default 64 MiB. */
  reserveBytes: number
  /** How long close waits for open transactions to end. Default 5,000 ms. */
  closeGraceMs: number
  /** How long close waits in all, for a statement that runs; then the thread is ended, which loses nothing acknowledged. Default 30,000 ms. */
  closeTimeoutMs: number
}

const mebibyte = 1024 * 1024

export const defaultLimits = {
  idleInTransactionMs: 30_000,
  maxRequestBytes: 256 * mebibyte,
  maxResultBytes: 256 * mebibyte,
  maxWaitingBytes: 4 * mebibyte,
  maxUnreadBytes: mebibyte,
  reserveBytes: 64 * mebibyte,
  closeGraceMs: 5_000,
  closeTimeoutMs: 30_000,
} satisfies EmbeddedLimits
