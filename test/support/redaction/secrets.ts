import { alnum, base64, base64url, digits, hex, lower, type Seeded, upper } from './seeded.ts'

/** Kinds of secrets that are told by their own form, each made of random parts. */
export const formedSecrets: Readonly<Record<string, (r: Seeded) => string>> = {
  'aws key id': (r) => `${r.pick(['AK', 'AS'])}IA${r.of(`${upper}234567`, 16)}`,
  'google api key': (r) => `AI${'za'}${r.of(base64url, 34)}${r.of(alnum, 1)}`,
  'google oauth': (r) => `ya${29}.a0${r.of(base64url, 120)}${r.of(alnum, 1)}`,
  'google client secret': (r) => `GOC${'SPX'}-${r.of(base64url, 27)}${r.of(alnum, 1)}`,
  'azure storage key': (r) => `${r.of(base64, 86)}==`,
  'azure client secret': (r) => `${r.of(alnum, 3)}8Q~${r.of(`${alnum}_.-`, 33)}${r.of(alnum, 1)}`,
  github: (r) => `gh${r.pick(['p', 'o', 'u', 's', 'r'])}_${r.of(alnum, 36)}`,
  'github fine': (r) => `github_${'pat'}_${r.of(alnum, 22)}_${r.of(alnum, 59)}`,
  gitlab: (r) => `gl${r.pick(['pat', 'dt', 'rt'])}-${r.of(base64url, 19)}${r.of(alnum, 1)}`,
  slack: (r) =>
    `xo${r.pick(['xb', 'xp'])}-${r.of(digits, 12)}-${r.of(digits, 12)}-${r.of(alnum, 24)}`,
  stripe: (r) => `${r.pick(['s', 'r'])}k_${r.pick(['live', 'test'])}_${r.of(alnum, 24)}`,
  'stripe webhook': (r) => `wh${'sec'}_${r.of(alnum, 32)}`,
  twilio: (r) => `S${'K'}${r.of(hex, 32)}`,
  sendgrid: (r) => `S${'G'}.${r.of(base64url, 22)}.${r.of(base64url, 42)}${r.of(alnum, 1)}`,
  mailgun: (r) => `k${'ey'}-${r.of(hex, 32)}`,
  mailchimp: (r) => `${r.of(hex, 32)}-us${r.int(20) + 1}`,
  npm: (r) => `np${'m'}_${r.of(alnum, 36)}`,
  pypi: (r) => `py${'pi'}-AgEIcHlwaS5vcmc${r.of(base64url, 80)}${r.of(alnum, 1)}`,
  openai: (r) => `s${'k'}-proj-${r.of(base64url, 47)}${r.of(alnum, 1)}7`,
  anthropic: (r) => `s${'k'}-ant-api03-${r.of(base64url, 93)}AA`,
  'hugging face': (r) => `h${'f'}_${r.of(alnum, 34)}`,
  discord: (r) =>
    `M${r.of(alnum, 23)}.${r.of(base64url, 6)}.${r.of(base64url, 30)}aB3${r.of(alnum, 5)}`,
  telegram: (r) =>
    `${r.int(9) + 1}${r.of(digits, 8)}:A${'A'}${r.of(base64url, 32)}${r.of(alnum, 1)}`,
  shopify: (r) => `sh${r.pick(['pat', 'pca', 'pss'])}_${r.of(hex, 32)}`,
  square: (r) => `sq${0}${r.pick(['atp', 'csp'])}-${r.of(base64url, 42)}${r.of(alnum, 1)}`,
  digitalocean: (r) => `do${r.pick(['p', 'o', 'r'])}_v1_${r.of(hex, 64)}`,
  heroku: (r) =>
    `HR${'KU'}-${r.of(hex, 8)}-${r.of(hex, 4)}-${r.of(hex, 4)}-${r.of(hex, 4)}-${r.of(hex, 12)}`,
  'new relic': (r) => `NR${'AK'}-${r.of(upper + digits, 27)}`,
  sentry: (r) => `sn${'tryu'}_${r.of(hex, 64)}`,
  atlassian: (r) => `AT${'ATT3'}xFfGF0${r.of(base64url, 180)}${r.of(alnum, 1)}`,
  vault: (r) => `hv${'s'}.${r.of(base64url, 94)}${r.of(alnum, 1)}`,
  databricks: (r) => `da${'pi'}${r.of(hex, 32)}`,
  linear: (r) => `li${'n'}_api_${r.of(alnum, 40)}`,
  notion: (r) => `nt${'n'}_${r.of(digits, 11)}${r.of(alnum, 35)}`,
  postman: (r) => `PM${'AK'}-${r.of(hex, 24)}-${r.of(hex, 34)}`,
  mapbox: (r) => `${r.pick(['p', 's'])}k.e${'yJ'}1Ijoi${r.of(alnum, 50)}.${r.of(alnum, 22)}`,
  'docker hub': (r) => `dc${'kr'}_pat_${r.of(base64url, 26)}${r.of(alnum, 1)}`,
  grafana: (r) => `gl${'sa'}_${r.of(alnum, 32)}_${r.of(hex, 8)}`,
  age: (r) => `AGE-SEC${'RET'}-KEY-1${r.of('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}`,
  jwt: (r) =>
    `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: r.of(digits, 8), exp: r.int(2e9) })}.${r.of(base64url, 43)}`,
  doppler: (r) => `d${'p'}.pt.${r.of(alnum, 43)}`,
  groq: (r) => `gs${'k'}_${r.of(alnum, 52)}`,
  planetscale: (r) => `psc${'ale'}_tkn_${r.of(alnum, 43)}`,
  tailscale: (r) => `ts${'key'}-auth-${r.of(alnum, 16)}-${r.of(alnum, 24)}`,
  'password hash': (r) => `$${r.pick(['2b$12', '2y$10'])}$${r.of(`${alnum}./`, 53)}`,
  email: (r) =>
    `${r.of(lower, 6)}.${r.of(lower, 5)}@${r.of(lower, 8)}.${r.pick(['com', 'de', 'co.uk', 'io'])}`,
  card: (r) => luhn(`${r.pick(['4', '51', '55', '2221', '6011'])}`, 16, r),
  'card in groups': (r) => luhn('4', 16, r).replace(/(\d{4})(?=\d)/g, `$1${r.pick([' ', '-'])}`),
  amex: (r) => luhn(r.pick(['34', '37']), 15, r),
  iban: (r) => iban(`${r.of(digits, 18)}`),
  'private key': (r) =>
    pem(r.pick(['RSA ', 'EC ', '', 'OPENSSH ', 'ENCRYPTED ']), r).replaceAll('\n', '\\n'),
}

/** Passwords as people and programs make them, with a digit and signs that no format ends at. */
export function password(r: Seeded): string {
  return r.pick([
    () => `${r.of(lower, 6)}${r.of(digits, 3)}`,
    () => `${r.of(upper, 1)}${r.of(lower, 5)}-${r.of(digits, 4)}!`,
    () => `${r.of(alnum, 14)}9x`,
    () => `${r.of(lower, 4)}#${r.of(digits, 2)}$${r.of(alnum, 5)}`,
    () => `${r.of(lower, 3)}*${r.of(digits, 2)}^${r.of(upper, 5)}`,
  ])()
}

export const opaque = (r: Seeded) => `${r.of(alnum, 30)}4Fz`

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function pem(kind: string, r: Seeded): string {
  const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} ${kind}PRIVATE KEY-----`)
  return `${begin}\n${r.of(base64, 64)}\n${r.of(base64, 64)}\n${r.of(base64, 40)}\n${end}`
}

function luhn(prefix: string, length: number, r: Seeded): string {
  const body = prefix + r.of(digits, length - 1 - prefix.length)
  let sum = 0
  for (let at = 0; at < body.length; at += 1) {
    const digit = Number(body[body.length - 1 - at])
    const doubled = at % 2 === 0 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return body + ((10 - (sum % 10)) % 10)
}

function iban(account: string): string {
  let rest = 0
  for (const digit of `${account}131400`) rest = (rest * 10 + Number(digit)) % 97
  return `DE${String(98 - rest).padStart(2, '0')}${account}`
}
