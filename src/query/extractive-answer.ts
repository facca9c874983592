import type { EvidenceItem } from '../knowledge/evidence.ts'
import { tellSearched } from './answer/scope.ts'
import { tellAround } from './answer/tell-around.ts'
import { tellCount } from './answer/tell-count.ts'
import { tellExplanation } from './answer/tell-explanation.ts'
import { tellFind } from './answer/tell-find.ts'
import { tellIdentifiers } from './answer/tell-identifiers.ts'
import { tellNearest, tellNothing, tellNotSaid } from './answer/tell-nothing.ts'
import { createTelling, type Telling } from './answer/telling.ts'
import { holds, missingWords } from './answer/words-in-lines.ts'
import type { Evidence } from './evidence-types.ts'
import type { Plan } from './plan.ts'

/** An answer before anything was checked. */
export interface AnswerDraft {
  /** Plain text; [n] cites the n-th of `citableItems(evidence)`. Quoted lines may hold brackets of their own. */
  text: string
  /** The numbers cited, ascending. */
  citations: number[]
  /** False when the text says that nothing was found. */
  found: boolean
}

/**
 * The answer without a model: what the evidence says, in its own lines, the same each time. The first sentence answers;
 * then come the lines that support it, one a pattern, and last what was searched. It quotes, counts and orders; it never
 * concludes.
 */
export function extractiveAnswer(input: { plan: Plan; evidence: Evidence }): AnswerDraft {
  const telling = createTelling(input.plan, input.evidence)
  const missing = wordsNotSaid(telling)
  if (missing.length > 0) {
    const text = tellNotSaid(telling, missing)
    return { text: `${text}\n\n${tellSearched(telling)}`, citations: telling.cited(), found: false }
  }
  const text = tellFound(telling)
  if (text === '' && hasNearest(telling)) {
    const nearest = `${tellNearest(telling)}\n\n${tellSearched(telling)}`
    return { text: nearest, citations: telling.cited(), found: false }
  }
  if (text === '') return { text: tellNothing(telling), citations: [], found: false }
  return { text: `${text}\n\n${tellSearched(telling)}`, citations: telling.cited(), found: true }
}

const countKinds: readonly Plan['kind'][] = ['count', 'top', 'trend']

/** Empty when there is nothing to tell. */
function tellFound(telling: Telling): string {
  const { plan, evidence } = telling
  if (evidence.searched.events === 0) return ''
  if (countKinds.includes(plan.kind))
    return evidence.count && evidence.count.exact > 0 ? tellCount(telling) : ''
  if (plan.identifiers.length > 0) return hasIdentifier(telling) ? tellIdentifiers(telling) : ''
  if (plan.kind === 'explain') return tellExplanation(telling)
  if (plan.kind === 'around') return tellAround(telling)
  return tellFind(telling)
}

/** Lines were found where a number was asked for and none could be given. */
function hasNearest({ plan, evidence }: Telling): boolean {
  const isUnknown =
    evidence.identifiers.length > 0 && evidence.identifiers.every((one) => one.events === 0)
  return (
    countKinds.includes(plan.kind) &&
    evidence.searched.events > 0 &&
    evidence.items.length > 0 &&
    !isUnknown
  )
}

/** An identifier counts as known when a line shows it, even where the index has no term for it. */
function hasIdentifier({ plan, evidence }: Telling): boolean {
  return (
    evidence.identifiers.some((one) => one.events > 0) ||
    evidence.items.some((item) => plan.identifiers.some((value) => holds(item, value)))
  )
}

/** Above this, the meaning of a line answers a yes-or-no question whatever its words. */
const sameMeaning = 0.6

/** What a question asks about and no line says: its technical terms, and the words of a yes-or-no question. */
function wordsNotSaid({ plan, evidence }: Telling): string[] {
  if ((plan.kind !== 'find' && plan.kind !== 'explain') || plan.identifiers.length > 0) return []
  if (evidence.absentTerms && evidence.absentTerms.length > 0) return [...evidence.absentTerms]
  const isYesNo =
    /^(?:did|does|do|is|are|was|were|has|have|had|any)\b/i.test(plan.question) &&
    plan.kind === 'find'
  const best = evidence.items[0]
  if (!isYesNo || !best || isMeant(best)) return []
  const isTrouble = evidence.items.some((item) => item.severity >= error)
  return missingWords(plan.words, evidence.items).filter(
    (word) => !(isTrouble && trouble.test(word)),
  )
}

const error = 17
/** What an event of that severity says by it, whatever its words: "did anything fail?" */
const trouble = /^(?:fail(?:s|ed|ing|ures?)?|errors?|problems?|issues?|wrong|troubles?)$/

function isMeant({ legs }: EvidenceItem): boolean {
  return (legs.vector ?? 0) >= sameMeaning || (legs.meaning ?? 0) >= sameMeaning
}
