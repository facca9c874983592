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

/** Secrets in what somebody typed, and in addresses without a scheme. Their hints are words. */
export const commandRules: readonly Rule[] = [
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
  {
    name: 'password',
    hints: ['mysql', 'mariadb'],
    pattern:
      /(\b(?:mysql|mariadb)[\w-]{0,16}\s(?:[^|;&\r\n]{0,256}?\s)??-p)([^\s'"=-][^\s'"]{0,128})/g,
  },
  {
    name: 'password',
    hints: ['login', 'sshpass', 'mongo', 'twine', 'smbclient', 'ldap', 'redis-cli'],
    pattern:
      /(\b(?:login|sshpass|mongo(?:sh|dump|restore|export|import)?|twine|ldap[a-z]{3,9}|redis-cli)\s(?:[^|;&\r\n]{0,256}?\s)??-(?:p|w|a)\s{0,4}["']?)([^\s'"-][^\s'"]{0,128})/g,
    accept: (secret, _, kept) =>
      !/^\d{1,5}(?::\d{1,5})?$/.test(secret) &&
      (/\s["']?$/.test(kept) || /sshpass|redis|mongo/.test(kept)),
  },
  {
    name: 'password',
    hints: ['curl', 'wget', 'httpie', 'http '],
    pattern:
      /(\b(?:curl|wget|httpie|http)\b[^\r\n]{0,512}?\s(?:-u|-a|-U|--user|--proxy-user|--auth)[\s=]{0,4}\\?["']?[^\s:"'\\]{1,64}:)([^\s"'\\]{1,256})/g,
  },
  {
    name: 'password',
    hints: ['machine '],
    pattern:
      /(\bmachine\s{1,4}\S{1,128}\s{1,8}login\s{1,4}\S{1,128}\s{1,8}password\s{1,4})(\S{1,256})/g,
  },
  {
    name: 'password',
    hints: ['requirepass', 'masterauth'],
    pattern: /(\b(?:requirepass|masterauth)\s{1,4}\\?["']?)([^\s"'\\]{1,256})/g,
  },
  {
    name: 'password',
    hints: ['"AUTH"', '"auth"'],
    pattern: /(\\?"(?:AUTH|auth)\\?"\s{1,2}(?:\\?"[^"\s\\]{1,64}\\?"\s{1,2})?\\?")([^"\\]{1,256})/g,
  },
  {
    // The groups of a telephone's or a form's code, told by the words in front.
    name: 'secret',
    hints: ['code', 'Code', 'OTP', 'PIN'],
    pattern:
      /(\b(?:verification|security|one-time|authentication|login|2FA|OTP|recovery|backup|reset|access)\s(?:code|PIN|password)\s?(?:is|:|=)?\s{1,2})(\d{4,8})(?![\d.])/gi,
  },
]
