/** What a text has in it that a group of rules needs. */
export const marks = {
  /** `@`: mails, passwords in URLs. */
  at: 1,
  /** Thirteen digits or more with no more than blanks, dashes, plus and percent signs between them: cards. */
  digits: 2,
  /**
   * A run of eighteen letters, digits, `_` and `-` with a digit, or of capitals alone, or of 28 with a capital: tokens.
   * Names of classes are none.
   */
  token: 4,
  /** `=`, `:`, `'`, `"`, `>` or a blank behind a dash: keys and their values. */
  joint: 8,
  /** `%`: what is percent-encoded. */
  percent: 16,
  /** `-----`: armoured keys. */
  dashes: 32,
  /** `://` */
  scheme: 64,
  /** `$`: hashes of passwords. */
  dollar: 128,
  /** A letter behind a blank and a dash: flags of commands. */
  flag: 256,
  /** What is not ASCII. */
  wide: 512,
  /** `NL91` and a blank, or fifteen capitals and digits: accounts. */
  account: 1_024,
  /** A token of 24 or more. */
  long: 2_048,
} as const satisfies Record<string, number>

const tokenLength = 18
const longLength = 24
const accountLength = 15
const wordLength = 28
const cardDigits = 13

/** By character: 1 a small letter, `_`, 2 a capital, 4 a digit, 8 a dash, 16 a joint, 0 the rest. */
const kinds = new Uint8Array(128)
for (let code = 97; code <= 122; code += 1) kinds[code] = 1
kinds[95] = 1
for (let code = 65; code <= 90; code += 1) kinds[code] = 2
for (let code = 48; code <= 57; code += 1) kinds[code] = 4
kinds[45] = 8
for (const code of [34, 39, 58, 61, 62]) kinds[code] = 16

/**
 * One pass over a text that says which rules can find anything in it: a nanosecond a character, where one
 * expression of a few alternatives takes ten.
 */
export function scanText(text: string): number {
  let found = 0
  let digits = 0
  let runStart = 0
  let run = 0
  let dashes = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const kind = code < 128 ? (kinds[code] ?? 0) : 0
    if (kind !== 0 && kind < 16) {
      run |= kind
      if (kind === 4) {
        digits += 1
        if (digits === cardDigits) found |= marks.digits
      } else if (kind === 8) {
        dashes += 1
        if (dashes === 5) found |= marks.dashes
        else if (dashes === 2) found |= marks.joint
        else if (at === runStart && isLetter(text, at + 1) && text.charCodeAt(at - 1) <= 32)
          found |= marks.flag
        continue
      } else digits = 0
      dashes = 0
      continue
    }
    dashes = 0
    if (at - runStart >= accountLength) found |= markRun(run, at - runStart)
    if (code === 32) {
      if (run === 6 && at - runStart === 4) found |= marks.account
    } else if (code !== 37 && code !== 43) digits = 0
    // What follows an escaped line's end is no part of it.
    if (code === 92 && isEscape(text.charCodeAt(at + 1))) at += 1
    run = 0
    runStart = at + 1
    if (code >= 128) found |= marks.wide
    else if (kind === 16) {
      found |= marks.joint
      if (code === 58 && text.charCodeAt(at + 1) === 47 && text.charCodeAt(at + 2) === 47)
        found |= marks.scheme
      // What ends in `==` is base64, whose runs are short.
      if (code === 61 && text.charCodeAt(at + 1) === 61) found |= marks.token | marks.long
    } else if (code === 126) found |= marks.token
    else if (code === 64) found |= marks.at
    else if (code === 37) found |= marks.percent
    else if (code === 36) found |= marks.dollar
  }
  return found | markRun(run, text.length - runStart)
}

/** What a run of so many characters of these kinds may be. */
function markRun(run: number, length: number): number {
  const account = run === 6 && length >= accountLength ? marks.account : 0
  if (length < tokenLength) return account
  const isToken =
    (run & 4) !== 0 ||
    ((run & 2) !== 0 && ((run & 1) === 0 || (run & 8) !== 0 || length >= wordLength))
  if (!isToken) return account
  return account | marks.token | (length >= longLength ? marks.long : 0)
}

/** `n`, `r` and `t` behind a backslash. */
function isEscape(code: number): boolean {
  return code === 110 || code === 114 || code === 116
}

function isLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code < 128 && ((kinds[code] ?? 0) & 3) !== 0
}
