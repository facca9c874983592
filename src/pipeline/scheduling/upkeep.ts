import type { Pool } from 'pg'
import type { Logger } from '../../base/logger.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { forgetOldClaims } from '../../embed/embedding-claim.ts'
import { retireSegments } from '../../log/retire-segments.ts'
import { isDue } from './is-due.ts'
import { type EventRetention, retireKnowledge } from './retire-knowledge.ts'
import { forgetDeadWorkers } from './roster.ts'
import { createSingleFlight } from './single-flight.ts'
import { tend } from './tend.ts'
import { warnOfExpiry } from './warn-of-expiry.ts'

export interface Upkeep {
  /** Does what is due; never waits, never fails. */
  request(): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

const tendMs = 60_000
const retireMs = 300_000

/**
 * What workers do beside their shards: every minute the log's upkeep and `also`, every five what retention takes, each by
 * one of all processes. The first is done at once as well, whoever else does it: whatever is down now (a provider, another
 * creator's lock) must not keep a process from starting.
 */
export function startUpkeep(
  deps: { pool: Pool; logger: Logger },
  options: {
    retention: EventRetention
    also?: (() => Promise<void>) | undefined
    signal: AbortSignal
  },
): Upkeep {
  const { logger } = deps
  const { signal } = options
  const keep = async () => {
    await tend(deps)
    await forgetDeadWorkers(deps)
    await forgetOldClaims(deps.pool)
    await warnOfExpiry(deps)
    await options.also?.()
  }
  const retire = async () => {
    const retired = await retireSegments(deps)
    if (retired > 0) logger.info({ retired }, 'segments.retired')
    await retireKnowledge(deps, { retention: options.retention })
  }
  const tending = createSingleFlight(
    async () => {
      if (await isDue(deps, 'tend', { everyMs: tendMs })) await keep()
    },
    { logger, name: 'upkeep', signal },
  )
  const retiring = createSingleFlight(
    async () => {
      if (await isDue(deps, 'retire', { everyMs: retireMs })) await retire()
    },
    { logger, name: 'retire', signal },
  )
  const first = keep().catch((error: unknown) => {
    logger.warn({ error: toMillraceError(error, 'upkeep').message }, 'upkeep.failed')
  })
  return {
    request: () => {
      tending.request()
      retiring.request()
    },
    settled: async () => {
      await Promise.all([first, tending.settled(), retiring.settled()])
    },
  }
}
