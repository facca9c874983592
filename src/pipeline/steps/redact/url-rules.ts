import type { Rule } from './rule.ts'

/** What is said where a secret would be: a variable still to be filled in, or stars. */
const blank = /^(?:\$\{|\{\{|%[a-z]$|<|\*+$|x+$|\[?redacted|\[?filtered)/i

/** Secrets that a URL or another address carries by its form. */
export const urlRules: readonly Rule[] = [
  {
    // To the last @ of the run, whatever stands between: a password may have signs that it should not.
    name: 'password',
    hints: ['://'],
    pattern: /(:\/\/[^\s:/@"'<>?#`]{0,128}:)([^\s"'<>`]{1,256})(?=@[\w.[$%{*~-])/g,
    accept: isPassword,
  },
  {
    name: 'api_token',
    hints: ['://'],
    pattern: /(:\/\/)([A-Za-z0-9_~.+-]{16,256})(?=@)/g,
    accept: (secret) => /\d/.test(secret),
  },
  {
    // A user whose name is a mail address.
    name: 'password',
    hints: ['://'],
    pattern: /(:\/\/[\w.+-]{1,64}@[\w.-]{1,128}:)([^\s"'<>@/]{1,256})(?=@[\w.[-])/g,
    accept: (secret) => !blank.test(secret),
  },
  {
    name: 'password',
    hints: ['%3A%2F%2F', '%3a%2f%2f'],
    pattern: /(%3A%2F%2F[\w.~+-]{0,64}%3A)([^\s&"'<>/]{1,256}?)(?=%40)/gi,
  },
  {
    name: 'webhook',
    hints: ['hooks.', 'webhook'],
    pattern:
      /((?:hooks\.slack\.com\/[a-z]{1,16}|discord(?:app)?\.com\/api(?:\/v\d{1,2})?\/webhooks|hooks\.zapier\.com\/hooks\/catch|[\w-]{1,64}\.webhook\.office\.com\/webhookb2|outlook\.office\.com\/webhook|hooks\.[\w.-]{1,64}\/(?:services|hooks|webhooks))\/)([\w/@-]{16,512})/g,
  },
]

/** `host:port/path` is no password, even when an @ follows. */
function isPassword(secret: string): boolean {
  return !blank.test(secret) && !/^\d{1,5}(?:[/?#,]|$)/.test(secret)
}

/** Passwords in addresses without a scheme. */
export const addressRules: readonly Rule[] = [
  {
    name: 'password',
    hints: ['@tcp(', '@unix(', '@udp(', '@protocol('],
    pattern: /(?<![\w.-])([\w.-]{1,64}:)([^\s"'<>]{1,128})(?=@(?:tcp|unix|udp|protocol)\()/g,
  },
  {
    name: 'password',
    hints: ['jdbc:oracle', 'sqlplus'],
    pattern:
      /((?:jdbc:oracle:[a-z]{3,6}:|sqlplus\s(?:-[A-Z]\s)?)[\w$#]{1,64}\/)([^\s@"']{1,128})(?=@)/g,
  },
]
