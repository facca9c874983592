import { isIP } from 'node:net'
import { isCardNumber } from './card-number.ts'
import { isIban } from './iban.ts'
import type { Rule } from './rule.ts'

const fileEndings: ReadonlySet<string> = new Set(
  (
    'service slice scope socket timer mount automount target device path swap png jpg jpeg gif svg ' +
    'webp ico js mjs cjs ts css map json html htm txt log conf cfg ini yaml yml toml xml gz zip tar jar ' +
    'java class py rb go rs sh so md csv pdf'
  ).split(' '),
)

/** What names a person or an account. */
export const emailRules: readonly Rule[] = [
  {
    name: 'email',
    hints: ['@', '%40', '\\u0040'],
    pattern:
      /(?<![\p{L}\p{N}_.%+/-])()([\p{L}\p{N}][\p{L}\p{N}_.+'-]{0,63}(?:@|%40|\\u0040)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24})(?![\p{L}\p{N}_@-]|\.[\p{L}\p{N}])/gu,
    accept: (secret) =>
      !secret.startsWith('git@') &&
      !fileEndings.has(secret.slice(secret.lastIndexOf('.') + 1).toLowerCase()) &&
      // A Java object and its hash: com.example.Order@1b2c3d.run
      !/[.$][A-Z][\w$]*@[0-9a-f]{5,8}\./.test(secret),
    normalise: (secret) => secret.toLowerCase().replace(/%40|\\u0040/, '@'),
  },
]

const cardBorder = String.raw`((?<![\w.-])|(?<=%(?:20|3A|3D|22|2C|5B)|\\[nt]))`
const cardEnd = String.raw`(?![\w-]|\.\d)`
const card = {
  name: 'card',
  hints: [],
  accept: (secret, before) => isCardNumber(secret, before),
  normalise: (secret) => secret.replace(/%20|\D/g, ''),
} as const satisfies Omit<Rule, 'pattern'>

export const accountRules: readonly Rule[] = [
  {
    name: 'iban',
    hints: [],
    pattern:
      /(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))()([A-Z]{2}\d\d(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?))(?![A-Za-z0-9])/g,
    accept: isIban,
    normalise: (secret) => secret.replaceAll(' ', ''),
  },
]

export const cardRules: readonly Rule[] = [
  {
    // Nineteen digits in groups first: the rule after it would take the first sixteen for a card.
    ...card,
    pattern: new RegExp(
      `${cardBorder}([468]\\d{3}([ -])\\d{4}\\3\\d{4}\\3\\d{4}\\3\\d{3})${cardEnd}`,
      'g',
    ),
  },
  {
    ...card,
    pattern: new RegExp(
      `${cardBorder}((?:[4568]\\d|2[2-7]|35)\\d\\d([ -]|\\+|%20)\\d{4}\\3\\d{4}\\3\\d{1,4}|3\\d{3}([ -]|\\+|%20)\\d{6}\\4\\d{4,5}|[2-68]\\d{12,18})${cardEnd}`,
      'g',
    ),
  },
]

export const ipRules: readonly Rule[] = [
  {
    name: 'ip',
    hints: ['.'],
    pattern: /(?<![\w.]|(?:\bv|version\s|[vV]er=?\s?))()((?:\d{1,3}\.){3}\d{1,3})(?![\w]|\.\d)/g,
    accept: (secret) => isIP(secret) === 4,
  },
  {
    name: 'ip',
    hints: [':'],
    pattern:
      /(?<![\w:.])()((?:[0-9a-fA-F]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]{0,4}))(?![\w:])/g,
    accept: (secret) => secret.length > 2 && isIP(secret) === 6,
    normalise: (secret) => secret.toLowerCase(),
  },
]

/** Words that stand where a user's name would. */
const noNames: ReadonlySet<string> = new Set(
  'null none nil undefined true false unknown is was has not with by from in of and or for to id ids name names agent the a an user invalid illegal'.split(
    ' ',
  ),
)

export const userRules: readonly Rule[] = [
  {
    name: 'user',
    hints: [],
    pattern:
      /((?<![A-Za-z])(?:user[-_ ]?name|user|usr|login|ruser|logname|acct|uname)["'\\]{0,8}\s{0,2}(?:=>|[:=])\s{0,2}\\{0,3}["']?)([\p{L}\p{N}_][\p{L}\p{N}_.@+-]{0,63})/giu,
    accept: isName,
  },
  {
    name: 'user',
    hints: ['user', 'User', 'password for', 'publickey for'],
    pattern:
      /(\b(?:(?:invalid|illegal|for|by|from|of|to|as) user|(?:password|publickey|opened|closed) for(?: (?:invalid |illegal )?user)?) ["'`]?)([\p{L}\p{N}_][\p{L}\p{N}_.@+-]{0,63})/giu,
    accept: isName,
  },
  {
    name: 'user',
    hints: ['user "', "user '", 'User "', "User '"],
    pattern: /(\buser ["'])([\p{L}\p{N}_][\p{L}\p{N}_.@+-]{0,63})(?=["'])/giu,
    accept: isName,
  },
  {
    name: 'user',
    hints: ['://'],
    pattern: /(:\/\/)([A-Za-z_][\w.-]{0,63})(?=(?::<[a-z_]{2,20}:[0-9a-f]{6}>)?@)/g,
  },
  {
    name: 'user',
    hints: ['/home/', '/Users/', '\\Users\\'],
    pattern: /((?:\/home\/|\/Users\/|\\{1,4}Users\\{1,4}))([A-Za-z_][\w.-]{0,63})/g,
  },
]

function isName(secret: string): boolean {
  return !noNames.has(secret.toLowerCase())
}
