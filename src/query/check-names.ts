import type { Pool } from 'pg'
import { countByTerm } from '../knowledge/count-events.ts'
import type { Plan } from './plan.ts'

/**
 * The plan without the plain words among its identifiers that no event holds: such a word was taken for a name
 * ("user alice", but "login attempts") and is none. It stays among the words. What looks like an identifier stays one,
 * known or not: that it is unknown is an answer.
 */
export async function checkNames(deps: { pool: Pool }, plan: Plan): Promise<Plan> {
  const plain = plan.identifiers.filter((value) => /^\p{L}+$/u.test(value))
  const counted = await countByTerm(deps, { terms: plain, filters: plan.filters })
  const unknown = new Set(counted.filter((term) => term.events === 0).map((term) => term.value))
  return { ...plan, identifiers: plan.identifiers.filter((value) => !unknown.has(value)) }
}
