import { generalTokens, patternKey, tokenize } from './pattern-key.ts'

/**
 * The template of a pattern and a further shape with the same key: what differs becomes a wildcard,
 * down to the part of a token. Of shapes with one key it makes the same whatever their order, and
 * joining one again changes nothing.
 */
export function joinTemplates(template: string, shape: string): string {
  if (template === shape) return template
  const [left, right] = [tokenize(template), tokenize(shape)]
  if (left.length !== right.length) return patternKey(shape)
  const general = generalTokens(left)
  return left.map((token, at) => (token === right[at] ? token : (general[at] ?? token))).join(' ')
}
