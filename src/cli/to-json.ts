/** JSON on one line, in which sequence numbers and hash keys are decimal strings: they do not fit into a JSON number. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  )
}
