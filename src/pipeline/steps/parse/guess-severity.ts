import { severityOfSyslog, severityOfWord } from '../../../knowledge/severity.ts'

const longestPrefix = 24

/** `[3-1] ERROR:  x`, `[77] LOG:  x`: PostgreSQL behind syslog, or without a time. */
const groupBefore = /^\[\d{1,7}(?:-\d{1,7})?\] (?=[A-Z]{3,7}:)/

/** `PHP Warning:  x`. */
const php =
  /^PHP (?:(Fatal error|Parse error|Recoverable fatal error)|(Warning)|(?:Notice|Deprecated)):/

/** `Completed 500 Internal Server Error in 12ms`: Rails. */
const completed = /^Completed (\d{3}) /

/** `%LINK-3-UPDOWN: x`: Cisco, the digit as syslog's. */
const facilityDigit = /^:? ?%[A-Z][A-Z0-9_]{1,31}(?:-[A-Z0-9_]{1,31})?-([0-7])-[A-Z0-9_]{1,63}:/

/** How runtimes open the report of an error that nobody caught. */
const uncaught: readonly (readonly [start: string, severity: number])[] = [
  ['Traceback (most recent call last)', 17],
  ['Exception in thread ', 17],
  ['Unhandled exception', 17],
  ['Uncaught ', 17],
  ['panic: ', 21],
  ['fatal error: ', 21],
]

/**
 * The severity that a text itself opens with, 0 when it does not: `ERROR: x`, `[warn] x`,
 * `error: x`, `FATAL x`, `level=error ...`. Conservative: a word inside the sentence says nothing,
 * and a bare word must be in capitals. The text stays whole.
 */
export function guessSeverity(text: string): number {
  const severity = levelOfWord(text)
  if (severity !== 0 || isOpening(text.charCodeAt(0))) return severity
  for (const [opening, severity] of uncaught) {
    if (text.startsWith(opening)) return severity
  }
  if (exceptionName.test(text)) return 17
  switch (text.charCodeAt(0)) {
    case 80: {
      const match = php.exec(text)
      return match === null ? 0 : match[1] !== undefined ? 17 : match[2] !== undefined ? 13 : 10
    }
    case 67:
      return severityOfStatus(Number(completed.exec(text)?.[1]))
    case 58:
    case 37: {
      const digit = facilityDigit.exec(text)?.[1]
      return digit === undefined ? 0 : severityOfSyslog(Number(digit))
    }
    default:
      return 0
  }
}

/** The severity of the level word that a text opens with, 0 when it opens with none. */
export function levelOfWord(text: string): number {
  let start = groupBefore.exec(text)?.[0].length ?? 0
  while (start < longestPrefix && isOpening(text.charCodeAt(start))) start += 1
  let end = start
  while (end < start + longestPrefix && isLetter(text.charCodeAt(end))) end += 1
  const word = text.slice(start, end)
  const severity = word === 'log' ? 0 : severityOfWord(word)
  if (severity !== 0) {
    const after = text[end]
    if (after === ':' || (start > 0 && (after === ']' || after === ')'))) return severity
    if (start === 0 && word === word.toUpperCase() && (after === ' ' || after === undefined)) {
      return severity
    }
    return 0
  }
  if (start === 0 && text[end] === '=' && (word === 'level' || word === 'severity')) {
    return severityOfWord(/^"?(\w{1,16})/.exec(text.slice(end + 1, end + 20))?.[1] ?? '')
  }
  return 0
}

/** `java.io.IOException: x`, `TypeError: x`: an exception's name opens the line. */
const exceptionName = /^(?:[A-Za-z_$][\w$]{0,63}\.){0,8}[A-Z][\w$]{0,63}(?:Error|Exception): /

/**
 * The severity of an HTTP answer: 5xx is the server's error, 4xx a warning, the rest is
 * information.
 */
export function severityOfStatus(status: number): number {
  if (status >= 500 && status <= 599) return 17
  if (status >= 400 && status <= 499) return 13
  return status >= 100 && status <= 399 ? 9 : 0
}

function isOpening(code: number): boolean {
  return code === 91 || code === 40 || code === 60 || code === 32
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}
