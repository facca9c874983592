import type { Rule } from './rule.ts'

/** Passwords behind the flags of programs that are known to take them there. */
export const commandRules: readonly Rule[] = [
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
]

/** Passwords that follow a word, a blank between them. */
export const phraseRules: readonly Rule[] = [
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
]

export const codeRules: readonly Rule[] = [
  {
    // The groups of a telephone's or a form's code, told by the words in front.
    name: 'secret',
    hints: ['code', 'Code', 'OTP', 'PIN'],
    pattern:
      /(\b(?:verification|security|one-time|authentication|login|2FA|OTP|recovery|backup|reset|access)\s(?:code|PIN|password)\s?(?:is|:|=)?\s{1,2})(\d{4,8})(?![\d.])/gi,
  },
]
