import type { Pool } from 'pg'
import { countByTerm } from '../knowledge/count-events.ts'
import { wordsOfNoPattern } from '../knowledge/search-legs.ts'
import type { Plan } from './plan.ts'
import { findServices } from './question/services.ts'
import { findUnknownServices } from './question/unknown-services.ts'

/**
 * The plan with its names looked at.
 *
 * A plain word among the identifiers that no event holds was taken for a name ("user alice", but "login attempts") and is
 * none: it stays among the words, unless the question can only mean a person by it. What looks like an identifier stays one,
 * known or not, and so does a service that nobody has heard of: that it is unknown is an answer.
 */
export async function checkNames(
  deps: { pool: Pool },
  plan: Plan,
  services: readonly string[],
): Promise<Plan> {
  const plain = plan.identifiers.filter((value) => /^\p{L}+$/u.test(value))
  const input = { terms: plain, filters: plan.filters }
  const counted = await countByTerm(deps, input, { atMost: 1 })
  const unheard = counted.filter((term) => term.events === 0).map((term) => term.value)
  const people = await wordsOfNoPattern(
    deps,
    unheard.filter((name) => isPerson(plan.question, name)),
  )
  const words = new Set(unheard.filter((name) => !people.includes(name)))
  const { question } = plan
  const identifiers = await withKnownPaths(deps, plan)
  const taken = findServices(question, services)
  return {
    ...plan,
    identifiers: [
      ...identifiers.filter((value) => !words.has(value)),
      ...findUnknownServices(question, { services, taken }).filter(
        (name) => !identifiers.includes(name),
      ),
    ],
  }
}

/** The identifiers; a path that no event holds as it is written, and one does with a slash before it, is that one. */
async function withKnownPaths(deps: { pool: Pool }, plan: Plan): Promise<string[]> {
  const { identifiers, filters } = plan
  const relative = identifiers.filter((value) => /^[\w.-]+\//.test(value))
  if (relative.length === 0) return [...identifiers]
  const terms = relative.flatMap((value) => [value, `/${value}`])
  const counted = await countByTerm(deps, { terms, filters })
  const known = new Set(counted.filter((term) => term.events > 0).map((term) => term.value))
  return identifiers.map((value) =>
    relative.includes(value) && !known.has(value) && known.has(`/${value}`) ? `/${value}` : value,
  )
}

/** "of user xaver", "by the user curi" before an end or a preposition. */
function isPerson(question: string, name: string): boolean {
  const before = String.raw`\b(?:of|by|for|from|as|did|was|is|has|with)\s+(?:the\s+)?user(?:name)?\s+["']?`
  const after = String.raw`["']?\s*(?:$|[?.!,;]|(?:from|on|in|at|between|since|during|today|yesterday|last|log(?:ged)?)\b)`
  return new RegExp(before + name + after, 'i').test(question)
}
