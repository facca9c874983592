import { digit, joiner, kindOf, letter } from './character.ts'

export const wildcard = '<*>'

const longestPlain = 64
const mostSegments = 6
const uuid = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/g
const hexOnly = /^(?:[0-9a-f]+|[0-9A-F]+)$/
const hexLetters = /^(?:[a-f]+|[A-F]+)$/
const host = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,20}\.[a-z]{2,6}\.?$/
const podSuffix = /^[bcdfghjklmnpqrstvwxz]{5}$/

/**
 * One part of a token (what stands between dividers) with its variable pieces as wildcards.
 *
 * A piece is a run of letters and digits. With a digit it is variable; letters before its digits
 * stay when they name what is counted (`web12` is `web<*>`), not when it looks like an id
 * (`7d9f8b`). Variable pieces that only joiners part are one wildcard, so an address, a time and a
 * version are one each.
 */
export function maskPart(part: string, kinds: number): string {
  if ((kinds & digit) === 0) {
    if (part.charCodeAt(2) === 58 && isHexAddress(part)) return maskedAddress(part)
    return isOpaque(part) ? wildcard : part
  }
  if ((kinds & ~digit) === 0) return wildcard
  const mayBeAddress = (kinds & letter) !== 0 ? part.includes(':') : part.charCodeAt(0) === 58
  if (mayBeAddress && isHexAddress(part)) return maskedAddress(part)
  const text = part.length >= 36 && part.includes('-') ? part.replace(uuid, '0') : part
  if (text.includes('.') && host.test(text)) return text.endsWith('.') ? `${wildcard}.` : wildcard
  return maskPieces(text)
}

/** True for letters that are a hex number by their look; no word of eight letters is. */
export function isHexWord(word: string): boolean {
  return (word.charCodeAt(0) | 32) <= 102 && hexLetters.test(word)
}

function maskedAddress(part: string): string {
  return part.endsWith(':') ? `${wildcard}:` : wildcard
}

/** True for a hardware or IPv6 address, which may have groups of letters alone. */
function isHexAddress(part: string): boolean {
  if (part.length > 64 || part.length < 3) return false
  const first = part.indexOf(':')
  if (first < 0 || first > 4) return false
  let colons = 0
  let digits = 0
  const end = part.endsWith(':') && part[part.length - 2] !== ':' ? part.length - 1 : part.length
  for (let at = 0; at < end; at += 1) {
    const code = part.charCodeAt(at)
    if (code === 58) colons += 1
    else if (code >= 48 && code <= 57) digits += 1
    else if (code !== 46 && ((code | 32) < 97 || (code | 32) > 102)) return false
  }
  return colons >= 2 && (digits > 0 || colons === 5)
}

/** Too long to be a word, or a path so deep that it names one file. */
function isOpaque(part: string): boolean {
  if (part.length <= mostSegments * 2) return false
  if (part.length > longestPlain && !part.includes('.')) return true
  let segments = 0
  for (let at = part.indexOf('/'); at >= 0; at = part.indexOf('/', at + 1)) segments += 1
  return segments > mostSegments
}

function maskPieces(text: string): string {
  const { length } = text
  let out = ''
  let wild = false
  let at = 0
  while (at < length) {
    const joinStart = at
    while (at < length && (kindOf(text.charCodeAt(at)) & joiner) !== 0) at += 1
    const pieceStart = at
    let kinds = 0
    while (at < length) {
      const kind = kindOf(text.charCodeAt(at))
      if ((kind & (letter | digit)) === 0) break
      kinds |= kind
      at += 1
    }
    if (at === joinStart) {
      at += 1
      continue
    }
    if (at === pieceStart) return out + text.slice(joinStart, at)
    if ((kinds & digit) === 0) {
      const piece = text.slice(pieceStart, at)
      if (wild && isAbsorbed(piece, text, joinStart, pieceStart, at)) continue
      out += text.slice(joinStart, at)
      wild = false
      continue
    }
    if (wild) continue
    let signEnd = pieceStart
    const sign = text.charCodeAt(pieceStart - 1)
    if ((sign === 45 || sign === 43) && (joinStart < pieceStart - 1 || joinStart === 0))
      signEnd -= 1
    out += text.slice(joinStart, Math.max(joinStart, signEnd))
    out += text.slice(pieceStart, pieceStart + prefixLength(text, pieceStart, at, kinds))
    out += wildcard
    wild = true
  }
  return out
}

/**
 * Letters between variable pieces that belong to them: `_m_` in an id, hex groups, a pod's suffix.
 */
function isAbsorbed(
  piece: string,
  text: string,
  joinStart: number,
  pieceStart: number,
  end: number,
): boolean {
  const joint = pieceStart - joinStart === 1 ? text[joinStart] : ''
  if (end === text.length) return joint === '-' && podSuffix.test(piece)
  if (piece.length > 4) return false
  const next = nextHasDigit(text, end)
  if (piece.length <= 2) return next
  return next && (joint === ':' || joint === '-') && hexOnly.test(piece)
}

function nextHasDigit(text: string, start: number): boolean {
  let at = start
  while (at < text.length && (kindOf(text.charCodeAt(at)) & joiner) !== 0) at += 1
  for (; at < text.length; at += 1) {
    const kind = kindOf(text.charCodeAt(at))
    if ((kind & digit) !== 0) return true
    if ((kind & letter) === 0) return false
  }
  return false
}

/** How many letters of a piece stay before its wildcard. */
function prefixLength(text: string, start: number, end: number, kinds: number): number {
  if ((kinds & letter) === 0) return 0
  let at = start
  while (at < end && kindOf(text.charCodeAt(at)) === letter) at += 1
  const prefix = at - start
  if (prefix === 0) return 0
  while (at < end && kindOf(text.charCodeAt(at)) === digit) at += 1
  if (at < end) return 0
  return end - start >= 6 && hexOnly.test(text.slice(start, end)) ? 0 : prefix
}
