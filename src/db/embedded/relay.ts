import type { Client } from './client.ts'
import type { ResponseHandler } from './response-scanner.ts'
import { errorMessage } from './wire.ts'

/** Brings what the engine answers to one unit to the client that asked. */
export interface Relay extends ResponseHandler {
  /** Bytes passed so far; when they are too many the rest is dropped and the client gets an error instead. */
  cut(): void
  readonly passedBytes: number
  /** PostgreSQL has told the client of an error. */
  readonly hasError: boolean
  /** Writes what is still held. */
  flush(): void
}

/** Small answers are written in one piece, large ones as they come. */
const flushBytes = 64 * 1024

export function createRelay(
  client: Client,
  options: {
    /** Answers to messages of ours, before the client's own. */
    skips: number
    isCopyIn: boolean
    maxResultBytes: number
    /** Why nothing may be written now. */
    refusal: string | undefined
  },
): Relay {
  let out: Buffer[] = []
  let outBytes = 0
  let passedBytes = 0
  let skips = options.skips
  let hasError = false
  /** passing -> cut (rows are dropped) -> told (nothing but ReadyForQuery passes). */
  let state: 'passing' | 'cut' | 'told' = 'passing'

  const flush = () => {
    if (outBytes > 0) client.write(out.length === 1 && out[0] ? out[0] : Buffer.concat(out))
    out = []
    outBytes = 0
  }

  const put = (bytes: Buffer) => {
    out.push(bytes)
    outBytes += bytes.length
    if (outBytes >= flushBytes) flush()
  }

  const pass = (bytes: Buffer) => {
    if (state !== 'passing') return
    passedBytes += bytes.length
    put(bytes)
  }

  const message = (type: string, bytes: Buffer) => {
    const isInjected = skips > 0 && (type === '1' || type === '3')
    if (isInjected) skips -= 1
    if (isInjected || (type === 'G' && options.isCopyIn)) return
    hasError ||= type === 'E'
    if (type === 'Z') {
      put(bytes)
      state = 'passing'
    } else if (state === 'cut' && (type === 'E' || type === 'C')) {
      state = 'told'
      const limit = `expected a result of at most ${options.maxResultBytes} bytes, got more: ask for it in parts (limit, a cursor)`
      put(errorMessage({ severity: 'ERROR', code: '54000', message: limit }))
    } else if (type === 'E' && options.refusal && isReadOnly(bytes))
      pass(errorMessage({ severity: 'ERROR', code: '53100', message: options.refusal }))
    else pass(bytes)
  }

  return {
    pass,
    message,
    cut: () => {
      if (state === 'passing') state = 'cut'
    },
    get passedBytes() {
      return passedBytes
    },
    get hasError() {
      return hasError
    },
    flush,
  }
}

/** SQLSTATE read_only_sql_transaction */
function isReadOnly(error: Buffer): boolean {
  return error.includes('\0C25006\0', 0, 'latin1')
}
