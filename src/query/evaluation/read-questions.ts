import { z } from 'zod'
import { MillraceError } from '../../base/errors.ts'
import { validate } from '../../base/validate.ts'

const lines = z.array(z.string().min(1))
const shared = {
  question: z.string().trim().min(1),
  /** What "now" means in it. Default: the newest line's time. */
  now: z.iso.datetime({ offset: true }).optional(),
  /** A row of the report of its own, such as `symptom`. */
  style: z.string().min(1).optional(),
}

const schema = z.discriminatedUnion('kind', [
  z.object({ ...shared, kind: z.literal('find'), gold: lines.min(1) }),
  z.object({ ...shared, kind: z.literal('top'), gold: z.union([lines.min(1), z.number()]) }),
  z.object({ ...shared, kind: z.literal('count'), gold: z.number().int().min(0) }),
  z.object({
    ...shared,
    kind: z.literal('absent'),
    gold: z.union([lines.max(0), z.literal(0), z.null()]).optional(),
  }),
])

/** One question and what is known to answer it: lines of the logs, one of which suffices, or a number. */
export type EvaluationQuestion = z.output<typeof schema>

/**
 * Reads questions.jsonl: `{"question", "kind": "find"|"count"|"absent"|"top", "now"?, "style"?, "gold": [lines] | number}`
 * a line. Fails with `invalid_argument`, naming the line.
 */
export function readQuestions(text: string): EvaluationQuestion[] {
  const questions = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const subject = `questions.jsonl, line ${index + 1}`
    try {
      return [validate(schema, JSON.parse(line), subject)]
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw new MillraceError('invalid_argument', `${subject}: expected JSON: ${error.message}`)
    }
  })
  if (questions.length === 0)
    throw new MillraceError('invalid_argument', 'questions.jsonl: expected at least one question')
  return questions
}
