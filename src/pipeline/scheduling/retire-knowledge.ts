import type { Pool } from 'pg'
import type { Logger } from '../../base/logger.ts'
import { forgetOldVectors } from '../../embed/forget-old-vectors.ts'
import { rebuildVectorIndexes } from '../../knowledge/retire/rebuild-vector-index.ts'
import { retireEvents } from '../../knowledge/retire/retire-events.ts'
import { retirePatterns } from '../../knowledge/retire/retire-patterns.ts'

/** Hours, or for ever. Default 720: 30 days. */
export type EventRetention = number | 'never'

export const defaultEventRetention = 720

/**
 * Retires what is known, oldest things first: events by their arrival, then the patterns that have none left, then cached
 * vectors; and makes a vector index anew that has become far too large. Any process may run it, any number at a time; of different retentions the shortest wins.
 */
export async function retireKnowledge(
  deps: { pool: Pool; logger: Logger },
  input: { retention: EventRetention },
): Promise<void> {
  if (input.retention === 'never') return
  const age = { retentionHours: input.retention }
  const { events, days } = await retireEvents(deps, age)
  const patterns = await retirePatterns(deps, age)
  const vectors = await forgetOldVectors(deps.pool, age)
  if (events + days + patterns + vectors > 0)
    deps.logger.info({ events, days, patterns, vectors }, 'knowledge.retired')
  const indexes = await rebuildVectorIndexes(deps)
  if (indexes > 0) deps.logger.info({ indexes }, 'vector_indexes.rebuilt')
}
