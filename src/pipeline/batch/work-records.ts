import type { Pool } from 'pg'
import type { Logger } from '../../base/logger.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { blame, giveUpOld } from './give-up.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import { runUnit } from './run-unit.ts'
import { rangeOf, type ShardState, type WorkOptions, type WorkOutcome } from './shard-state.ts'

/*
 * What becomes of a batch: it commits, or it is cut down until the record that fails is alone.
 *
 *   whole batch --ok--> commit
 *        | a step names a record: what is before it commits; it is alone now
 *        | an outage: the breaker opens, or the shard waits; nothing is blamed (end-or-failure.ts)
 *        | an error: halved (`bisect`), the first half first, so the good prefix commits; when it went well the second
 *        |           half holds the culprit and is halved untried: about log2(n) calls
 *   one record (without `bisect`: the batch) --fails again and again--> given up, in the commit that passes it
 *
 * A crash at any step leaves the checkpoint before the first unit that is not committed; the attempts are in its row,
 * with the extent of what failed, so whoever goes on does not bisect again.
 */

/** A piece of a batch. */
interface Piece {
  records: readonly LogRecord[]
  /** Set when it failed, for the half behind it. */
  fate: { failed: boolean }
  /** Of the half before it: when that went well, the culprit is in here. */
  before?: Piece['fate']
}

/** Works a batch's records; `done` when the checkpoint is past all of them. */
export async function workRecords(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  records: readonly LogRecord[],
  options: WorkOptions,
): Promise<WorkOutcome> {
  const { bisect } = pipeline.options.retry
  const pieces: Piece[] = [pieceOf(records)]
  for (let piece = pieces.pop(); piece; piece = pieces.pop()) {
    if (options.isStopping()) return 'stopped'
    const { fresh, outcome } = await giveUpOld(deps, pipeline, state, piece.records, options)
    if (outcome !== 'done') return outcome
    if (fresh.length === 0) continue
    const canHalve = bisect && fresh.length > 1
    if (canHalve && piece.before?.failed === false) {
      pieces.push(...halve(fresh))
      continue
    }
    const result = await runUnit(deps, pipeline, state, { records: fresh }, options)
    if (result.kind === 'end') return result.outcome
    if (result.kind === 'committed') continue
    piece.fate.failed = true
    if (result.kind === 'failed' && canHalve) {
      deps.logger.debug({ ...rangeOf(fresh), code: result.error.code }, 'batch.bisected')
      pieces.push(...halve(fresh))
      continue
    }
    const { error } = result
    const rest = fresh.filter((record) => record.sequence > state.lease.seq)
    const alone = result.kind === 'cut' ? rest.slice(0, 1) : rest
    if (rest.length > alone.length) pieces.push(pieceOf(rest.slice(alone.length)))
    const blamed = await blame(deps, pipeline, state, { records: alone, error }, options)
    if (blamed !== 'done') return blamed
  }
  return 'done'
}

function pieceOf(records: readonly LogRecord[]): Piece {
  return { records, fate: { failed: false } }
}

/** The first half on top: a stack. */
function halve(records: readonly LogRecord[]): [Piece, Piece] {
  const middle = Math.ceil(records.length / 2)
  const first = pieceOf(records.slice(0, middle))
  return [{ ...pieceOf(records.slice(middle)), before: first.fate }, first]
}
