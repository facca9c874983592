import { isMillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { tellSearched } from './answer/scope.ts'
import { createTelling } from './answer/telling.ts'
import type { Evidence } from './evidence-types.ts'
import { type AnswerDraft, extractiveAnswer } from './extractive-answer.ts'
import type { ModelAnswerer } from './model-answer.ts'
import type { Plan } from './plan.ts'
import { countUncited } from './verify/uncited-sentences.ts'
import { verifyAnswer } from './verify-answer.ts'

export interface WriteDeps {
  logger: Logger
  /** Writes the answer over the evidence; undefined: the answer is an extract. */
  answerer?: ModelAnswerer
}

export interface WrittenAnswer {
  text: string
  found: boolean
  /** The evidence items that the text cites, by their [n]. */
  citations: number[]
  /** The model that wrote it; null for an extract. */
  model: string | null
  struck: { part: string; reason: string }[]
}

/**
 * Puts the evidence into words: as an extract, or by a model when there is one and there is something to write about. What
 * a model writes is heard as it comes and checked when it is whole; the text that is returned is the checked one. A model
 * that fails, or cites nothing, costs its words, not the answer; sentences that cite nothing are counted in a closing line.
 */
export async function writeAnswer(
  deps: WriteDeps,
  input: { plan: Plan; evidence: Evidence },
  options: { signal?: AbortSignal },
  onText: (delta: string) => void,
): Promise<WrittenAnswer> {
  const { answerer } = deps
  const extract = extractiveAnswer(input)
  if (!answerer || !extract.found) {
    onText(extract.text)
    return { ...extract, model: null, struck: [] }
  }
  try {
    let text = ''
    for await (const delta of answerer.answer(input, options)) {
      text += delta
      onText(delta)
    }
    const verified = verifyAnswer(text, input.evidence, input.plan)
    if (verified.citations.length === 0)
      return asExtract(extract, 'The model cited no record, so this is an extract.', onText)
    const telling = createTelling(input.plan, input.evidence)
    for (const [index, item] of telling.citable.entries())
      if (verified.citations.includes(index + 1)) telling.cite(item)
    const uncited = countUncited(text, telling.citable.length)
    const closing = [
      ...(uncited > 0
        ? [uncited === 1 ? '1 sentence cites no record.' : `${uncited} sentences cite no record.`]
        : []),
      tellSearched(telling),
    ]
    return {
      ...verified,
      text: [verified.text, ...closing].join('\n\n'),
      found: true,
      model: answerer.model,
    }
  } catch (error) {
    if (!isMillraceError(error, 'model_unavailable')) throw error
    deps.logger.warn({ code: error.code, error: error.message }, 'answer.without_model')
    return asExtract(
      extract,
      `The model did not answer, so this is an extract: ${error.message}`,
      onText,
    )
  }
}

function asExtract(
  extract: AnswerDraft,
  why: string,
  onText: (delta: string) => void,
): WrittenAnswer {
  const text = `${extract.text}\n\n${why}`
  onText(text)
  return { ...extract, text, model: null, struck: [] }
}
