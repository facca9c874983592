import { isCardNumber } from './card-number.ts'
import type { RedactionRule } from './placeholder.ts'

/**
 * One kind of secret that its own form gives away. A text with none of the `hints` is not searched;
 * without hints every text is. The pattern has two groups: what stays before the secret, and the
 * secret. Every pattern is linear: it starts at a literal or at the border of a run (a lookbehind),
 * and no repetition can split a text in two ways.
 */
export interface Rule {
  name: RedactionRule
  hints: readonly string[]
  pattern: RegExp
  /** Says no to what has the form and is none. */
  accept?: (secret: string, before: string) => boolean
  /** The secret as it is hashed: spellings of one secret are one. */
  normalise?: (secret: string) => string
}

const fileEndings: ReadonlySet<string> = new Set(
  (
    'service slice scope socket timer mount automount target device path swap png jpg jpeg gif svg ' +
    'webp ico js mjs cjs ts css map json html htm txt log conf cfg ini yaml yml toml xml gz zip tar jar ' +
    'java class py rb go rs sh so md csv pdf'
  ).split(' '),
)

/** In the order in which they are applied: what holds other secrets inside comes first. */
export const rules: readonly Rule[] = [
  {
    name: 'password',
    hints: ['://'],
    pattern: /(:\/\/[^\s:/@"'<>?#]{0,128}:)([^\s/"'<>?#]{1,256})(?=@)/g,
    accept: (secret) => !secret.startsWith('${'),
  },
  {
    name: 'api_token',
    hints: ['://'],
    pattern: /(:\/\/)([A-Za-z0-9_~.-]{16,256})(?=@)/g,
  },
  {
    name: 'api_token',
    hints: ['hooks.slack.com/', 'discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    pattern:
      /((?:hooks\.slack\.com\/[a-z]{1,16}|discord(?:app)?\.com\/api\/webhooks)\/)([\w/-]{16,256})/g,
  },
  {
    name: 'aws_key',
    hints: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: /(?<![A-Za-z0-9])()((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})(?![A-Za-z0-9])/g,
  },
  {
    name: 'github_token',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: /(?<![A-Za-z0-9])()(gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255})(?!\w)/g,
  },
  {
    name: 'gitlab_token',
    hints: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glsoat-', 'glcbt-', 'glft-', 'glagent-'],
    pattern: /(?<![A-Za-z0-9])()(gl(?:pat|dt|rt|ptt|soat|cbt|ft|agent)-[\w.-]{18,255})/g,
  },
  {
    name: 'slack_token',
    hints: ['xox', 'xapp-'],
    pattern: /(?<![A-Za-z0-9])()((?:xox[abeoprs]|xapp)-[\w-]{10,255})/g,
  },
  {
    name: 'stripe_key',
    hints: ['k_live_', 'k_test_', 'whsec_'],
    pattern: /(?<![A-Za-z0-9])()((?:[srp]k_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{10,255})/g,
  },
  {
    name: 'openai_key',
    hints: ['sk-'],
    pattern: /(?<![A-Za-z0-9])()(sk-[\w-]{20,255})/g,
    accept: (secret) => /\d/.test(secret) && /[A-Za-z]/.test(secret.slice(3)),
  },
  {
    name: 'google_key',
    hints: ['AIza', 'ya29.', 'GOCSPX-'],
    pattern: /(?<![A-Za-z0-9])()(AIza[\w-]{35}|ya29\.[\w-]{20,512}|GOCSPX-[\w-]{20,64})(?![\w-])/g,
  },
  {
    name: 'npm_token',
    hints: ['npm_'],
    pattern: /(?<![A-Za-z0-9])()(npm_[A-Za-z0-9]{36})(?!\w)/g,
  },
  {
    name: 'api_token',
    hints: (
      'SG. hf_ pypi- dop_v1_ doo_v1_ hvs. hvb. shpat_ shpca_ shppa_ shpss_ dckr_pat_ glsa_ glc_ dapi NRAK- sntrys_ ' +
      'lin_api_ PMAK- ATATT3 AGE-SECRET-KEY-1 sq0atp- sq0csp- rubygems_ key- SK :AA'
    ).split(' '),
    pattern: new RegExp(
      '(?<![A-Za-z0-9])()(' +
        [
          'SG\\.[\\w-]{16,64}\\.[\\w-]{16,128}',
          'hf_[A-Za-z0-9]{30,64}',
          'pypi-[\\w-]{40,512}',
          'do[opr]_v1_[a-f0-9]{64}',
          'hv[sb]\\.[\\w-]{24,512}',
          'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}',
          'dckr_pat_[\\w-]{20,64}',
          'gl(?:sa|c)_[\\w=+/-]{30,512}',
          'dapi[a-f0-9]{32}',
          'NRAK-[A-Z0-9]{27}',
          'sntrys_[\\w=+/-]{40,512}',
          'lin_api_[A-Za-z0-9]{32,64}',
          'PMAK-[a-f0-9]{24}-[a-f0-9]{34}',
          'ATATT3[\\w=-]{60,512}',
          'AGE-SECRET-KEY-1[A-Z0-9]{58}',
          'sq0(?:atp|csp)-[\\w-]{22,64}',
          'rubygems_[a-f0-9]{48}',
          'key-[a-f0-9]{32}',
          'SK[a-f0-9]{32}',
          '\\d{8,10}:AA[\\w-]{33}',
        ].join('|') +
        ')(?![A-Za-z0-9])',
      'g',
    ),
  },
  {
    name: 'jwt',
    hints: ['eyJ'],
    pattern: /(?<![\w-])()(eyJ[\w-]{8,4096}\.eyJ[\w-]{4,8192}(?:\.[\w-]{0,4096})?)/g,
  },
  {
    name: 'email',
    hints: ['@', '%40'],
    pattern:
      /(?<![\p{L}\p{N}_.%+/-])()([\p{L}\p{N}][\p{L}\p{N}_.+-]{0,63}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24})(?![\p{L}\p{N}_@-]|\.[\p{L}\p{N}])/gu,
    accept: (secret) =>
      !secret.startsWith('git@') &&
      !fileEndings.has(secret.slice(secret.lastIndexOf('.') + 1).toLowerCase()),
    normalise: (secret) => secret.toLowerCase().replace('%40', '@'),
  },
  {
    name: 'card',
    hints: [],
    pattern:
      /(?<![\w.-])()((?:4\d|5[1-5]|6[0-9]|2[2-7]|35)\d\d([ -])\d{4}\3\d{4}\3\d{4}|3[0-9]\d\d([ -])\d{6}\4\d{4,5}|[2-6]\d{13,18})(?![\w-]|\.\d)/g,
    accept: (secret, before) => isCardNumber(secret, before),
    normalise: (secret) => secret.replace(/\D/g, ''),
  },
]
