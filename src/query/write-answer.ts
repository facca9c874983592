import { isMillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Evidence } from './evidence-types.ts'
import { extractiveAnswer } from './extractive-answer.ts'
import type { ModelAnswerer } from './model-answer.ts'
import type { Plan } from './plan.ts'
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
 * that fails costs its words, not the answer.
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
    return { ...verified, found: true, model: answerer.model }
  } catch (error) {
    if (!isMillraceError(error, 'model_unavailable')) throw error
    deps.logger.warn({ code: error.code, error: error.message }, 'answer.without_model')
    const text = `${extract.text}\n\nThe model did not answer, so this is an extract: ${error.message}`
    onText(text)
    return { ...extract, text, model: null, struck: [] }
  }
}
