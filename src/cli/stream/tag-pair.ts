import { InvalidArgumentError } from 'commander'

/** Reads `key=value` for commander and adds it to those before it. The value may hold further equals signs. */
export function collectTag(
  text: string,
  before: Record<string, string> = {},
): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected a tag as key=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
