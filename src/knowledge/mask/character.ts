/**
 * What a character is to the masker, as bits, so that a token's characters can be or-ed together.
 */
export const letter = 1
export const digit = 2
/** Joins parts of one name, address or number: `.` `:` `/` `-` `_` and their like. */
export const joiner = 4
/** Separates values from one another and from their keys: `=` `,` quotes, brackets. */
export const divider = 8

const joiners = '.:/\\-_@#$%~+*^'
export const dividers = '=,;()[]{}<>"\'`|&?!'

const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z]/.test(character)) return letter
  if (/[0-9]/.test(character)) return digit
  if (joiners.includes(character)) return joiner
  return dividers.includes(character) ? divider : 0
})

/** The kind of a UTF-16 unit: all beyond ASCII are letters; 0 is white space. */
export function kindOf(code: number): number {
  return code < 128 ? (kinds[code] ?? 0) : letter
}

/** True for white space: ASCII up to the blank, and the no-break and line separators. */
export function isSpace(code: number): boolean {
  if (code < 0xa0) return code <= 32
  return code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0x3000
}
