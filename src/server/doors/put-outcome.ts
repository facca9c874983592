import { type ErrorCode, MillraceError } from '../../base/errors.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import type { NewRecord, PutResult } from '../../log/new-record.ts'
import type { Producer } from '../../log/producer.ts'

/** What became of a request's records. */
export interface PutOutcome {
  stream: string
  /** One a record, in their order. */
  results: PutResult[]
  skipped: number
  /** Durable records. */
  accepted: number
  /** Records refused for what they are: sending them again does not help. */
  rejected: number
  /** Why the others are not stored, when there are others: the fault is not theirs. */
  failure: MillraceError | null
}

/** What the record itself is to blame for. */
const faultsOfData: ReadonlySet<ErrorCode> = new Set(['invalid_argument', 'limit_exceeded'])

/** One producer call: a flush of a lane or so. A large body is stored piece by piece and leaves room to others. */
const slice = { records: 5_000, bytes: 4 * 1024 * 1024 } as const

/**
 * Puts records in slices, one after the other, and stops at the first that fails for a reason of ours: what is stored
 * then is the front of the request, but for records of the failing slice. A sender that gets the 503 sends the whole
 * request again, so what was stored is then there twice: an ack is a promise, a 503 is none.
 * Fails like `Producer.put` when nothing was stored yet.
 */
export async function putInSlices(
  producer: Producer,
  input: { stream: string; records: readonly NewRecord[]; skipped: number },
): Promise<PutOutcome> {
  const { stream, records, skipped } = input
  const results: PutResult[] = []
  let failure: MillraceError | null = null
  do {
    const part = nextSlice(records, results.length)
    try {
      for (const result of await producer.put(stream, part)) results.push(result)
    } catch (error) {
      if (results.length === 0) throw error
      failure = toMillraceError(error, `appending to stream "${stream}"`)
    }
    failure ??= failureOf(results.slice(-part.length))
  } while (failure === null && results.length < records.length)
  if (failure !== null)
    while (results.length < records.length) results.push({ ok: false, error: failure })
  let accepted = 0
  let rejected = 0
  for (const result of results) {
    if (result.ok) accepted += 1
    else if (faultsOfData.has(result.error.code)) rejected += 1
  }
  return { stream, results, skipped, accepted, rejected, failure }
}

function nextSlice(records: readonly NewRecord[], from: number): NewRecord[] {
  let to = from
  for (let bytes = 0; to < records.length && to - from < slice.records; to += 1) {
    bytes += records[to]?.data.length ?? 0
    if (bytes > slice.bytes && to > from) break
  }
  return records.slice(from, to)
}

/** The first error that is not the data's; null when there is none. */
function failureOf(results: readonly PutResult[]): MillraceError | null {
  for (const result of results)
    if (!result.ok && !faultsOfData.has(result.error.code)) return result.error
  return null
}

/** The failure, saying how much of the request it concerns. */
export function explainFailure(outcome: PutOutcome, failure: MillraceError): MillraceError {
  if (outcome.accepted === 0 || failure.code === 'internal') return failure
  const message = `${failure.message}. ${outcome.accepted} of ${outcome.results.length} records are stored; sending the whole request again stores them twice`
  return new MillraceError(failure.code, message, {
    retryable: failure.retryable,
    details: failure.details,
    cause: failure.cause,
  })
}
