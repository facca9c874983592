/** A word before a number that says it is no card: ids, positions, times, sizes. */
const notCards =
  /(?:id|seq|sequence|offset|lsn|ts|time|timestamp|nanos|nano|ns|micros|us|ms|count|bytes|size|len|length|nonce|hash|port|pid|version|trace|span|request|req|block|blk|job|task|txn|xid|key|epoch|position|pos|index|number of|inode|zxid|cookie|token|session|order|uid|gid|account|rev|revision|checksum|crc|addr|address)["']?(?:\s?[=:#]\s?|\s)["'[({]?$/i

/** What says that it is one, whatever stands in front of it. */
const cards = /(?:card|pan|ccn?|cc_?num|credit)[\w-]{0,10}["']?\s?[=:#]?\s?["'[({]?$/i

/** First digits (as a range) and lengths that card schemes use. */
const issuers: readonly (readonly [
  from: number,
  to: number,
  digits: number,
  lengths: readonly number[],
])[] = [
  [4, 4, 1, [13, 16, 19]],
  [51, 55, 2, [16]],
  [2221, 2720, 4, [16]],
  [2200, 2204, 4, [16, 17, 18, 19]],
  [34, 34, 2, [15]],
  [37, 37, 2, [15]],
  [6011, 6011, 4, [16, 17, 18, 19]],
  [644, 659, 3, [16, 17, 18, 19]],
  [3528, 3589, 4, [16, 17, 18, 19]],
  [300, 305, 3, [14]],
  [36, 36, 2, [14]],
  [38, 39, 2, [14, 16]],
  [62, 62, 2, [16, 17, 18, 19]],
  [81, 81, 2, [16, 17, 18, 19]],
  [5018, 5018, 4, [13, 14, 15, 16, 17, 18, 19]],
  [5020, 5020, 4, [13, 14, 15, 16, 17, 18, 19]],
  [5038, 5038, 4, [13, 14, 15, 16, 17, 18, 19]],
  [5893, 5893, 4, [13, 14, 15, 16, 17, 18, 19]],
  [6304, 6304, 4, [13, 14, 15, 16, 17, 18, 19]],
  [6759, 6759, 4, [13, 14, 15, 16, 17, 18, 19]],
  [6761, 6763, 4, [13, 14, 15, 16, 17, 18, 19]],
]

/**
 * True for digits (with blanks or dashes between their groups) that a card scheme issues and that
 * pass Luhn's check. `before` is the text in front: under a key such as `order_id=` a number is no
 * card.
 */
export function isCardNumber(text: string, before: string): boolean {
  const digits = text.replace(/%20|\D/g, '')
  if (!hasIssuer(digits) || !passesLuhn(digits) || /^(\d)\1+$/.test(digits)) return false
  const near = before.slice(-40)
  return cards.test(near) || !notCards.test(near)
}

function hasIssuer(digits: string): boolean {
  return issuers.some(([from, to, width, lengths]) => {
    const prefix = Number(digits.slice(0, width))
    return prefix >= from && prefix <= to && lengths.includes(digits.length)
  })
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48
    const doubled = at % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
