import type { Pool } from 'pg'
import { isMillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { ensureSegments } from '../../log/ensure-segments.ts'
import { splitHotShards } from '../../log/split-hot-shards.ts'

/** The log's upkeep of every minute: segments ahead of the clock, then hot shards split. Any process may run it. */
export async function tend(deps: { pool: Pool; logger: Logger }): Promise<void> {
  try {
    await ensureSegments(deps, 'all')
  } catch (error) {
    const failure = toMillraceError(error, 'creating segments')
    // Somebody else holds the lock, so somebody else creates them; the next minute looks again.
    if (!isMillraceError(failure, 'conflict')) throw failure
    deps.logger.info({ details: failure.details }, 'segments.postponed')
  }
  await splitHotShards(deps)
}
