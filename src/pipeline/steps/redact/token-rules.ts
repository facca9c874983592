import { border, type Rule } from './rule.ts'
import { tokenForms } from './token-forms.ts'

const hasDigitAndLetter = (secret: string) => /\d/.test(secret) && /[A-Za-z]/.test(secret)
const isMixed = (secret: string) =>
  hasDigitAndLetter(secret) && /[a-z]/.test(secret) && /[A-Z]/.test(secret)

/** A rule of tokens that have in them what nobody else's have. */
function prefixed(
  name: Rule['name'],
  forms: readonly (readonly [hint: string, form: string])[],
  accept?: Rule['accept'],
): Rule {
  const pattern = forms.map(([, form]) => form).join('|')
  return {
    name,
    hints: forms.map(([hint]) => hint),
    pattern: new RegExp(`${border}()(${pattern})(?![A-Za-z0-9])`, 'g'),
    ...(accept && { accept }),
  }
}

/** Keys and tokens that providers made to be recognised. In the order in which they are applied. */
export const tokenRules: readonly Rule[] = [
  prefixed('aws_key', [
    ['AKIA', 'AKIA[A-Z0-9]{16}'],
    ['ASIA', 'ASIA[A-Z0-9]{16}'],
    ['ABIA', 'ABIA[A-Z0-9]{16}'],
    ['ACCA', 'ACCA[A-Z0-9]{16}'],
    ['A3T', 'A3T[A-Z0-9]{17}'],
  ]),
  prefixed('aws_secret', [
    ['ABSK', 'ABSK[A-Za-z0-9+/]{60,512}={0,2}'],
    ['bedrock-api-key-', 'bedrock-api-key-[A-Za-z0-9+/=_-]{40,2048}'],
    ['IQoJb3JpZ2lu', 'IQoJb3JpZ2lu[A-Za-z0-9+/]{60,4096}={0,2}'],
    ['FwoGZXIvYXdz', 'FwoGZXIvYXdz[A-Za-z0-9+/]{60,4096}={0,2}'],
  ]),
  prefixed('github_token', [
    ['ghp_', 'ghp_[A-Za-z0-9]{30,255}'],
    ['gho_', 'gho_[A-Za-z0-9]{30,255}'],
    ['ghu_', 'ghu_[A-Za-z0-9]{30,255}'],
    ['ghs_', 'ghs_[A-Za-z0-9]{30,255}'],
    ['ghr_', 'ghr_[A-Za-z0-9]{30,255}'],
    ['github_pat_', 'github_pat_\\w{22,255}'],
  ]),
  prefixed('gitlab_token', [
    ...[
      'pat',
      'dt',
      'rt',
      'rtr',
      'ptt',
      'soat',
      'cbt',
      'ft',
      'agent',
      'oas',
      'imt',
      'ffct',
      'wt',
    ].map((kind) => [`gl${kind}-`, `gl${kind}-[\\w.-]{18,255}`] as const),
    ['GR1348941', 'GR1348941[\\w-]{20,64}'],
  ]),
  prefixed('slack_token', [
    ['xox', '(?:xoxe\\.)?xox[abcdeoprs]-[\\w-]{10,400}'],
    ['xapp-', 'xapp-[\\w-]{10,255}'],
  ]),
  prefixed('stripe_key', [
    ['k_live_', '[srp]k_live_[A-Za-z0-9+/=_]{10,255}'],
    ['k_test_', '[srp]k_test_[A-Za-z0-9+/=_]{10,255}'],
    ['k_prod_', '[srp]k_prod_[A-Za-z0-9+/=_]{10,255}'],
    ['whsec_', 'whsec_[A-Za-z0-9+/=_]{10,255}'],
  ]),
  prefixed('anthropic_key', [['sk-ant-', 'sk-ant-[\\w-]{20,255}']]),
  prefixed('openai_key', [['sk-', 'sk-[\\w-]{20,255}']], (secret) =>
    hasDigitAndLetter(secret.slice(3)),
  ),
  prefixed('google_key', [
    ['AIza', 'AIza[\\w-]{35}'],
    ['ya29.', 'ya29\\.[\\w-]{20,1024}'],
    ['GOCSPX-', 'GOCSPX-[\\w-]{20,64}'],
    ['1//0', '1//0[\\w-]{35,255}'],
    ['AAAA', 'AAAA[\\w-]{7}:[\\w-]{130,180}'],
  ]),
  prefixed('azure_key', [
    ['Q~', '[\\w.]{3}\\dQ~[\\w~.-]{31,36}'],
    ['JQQJ99', '[A-Za-z0-9]{20,64}JQQJ99[A-Za-z0-9]{10,40}'],
  ]),
  {
    // 64 bytes in base64, as the keys of Azure's storage are; a digest of that size says what it is.
    name: 'azure_key',
    hints: [],
    needs: '==',
    pattern: new RegExp(`${border}()([A-Za-z0-9+/]{86}==)(?![A-Za-z0-9+/=])`, 'g'),
    accept: (secret, before) =>
      isMixed(secret) &&
      !/(?:sha-?\d*|digest|hash|checksum|integrity|sum|sri)\W{0,4}$/i.test(before),
  },
  prefixed('npm_token', [['npm_', 'npm_[A-Za-z0-9]{36}']]),
  prefixed('pypi_token', [['pypi-', 'pypi-[\\w-]{40,1024}']]),
  prefixed('api_token', tokenForms),
  {
    name: 'api_token',
    hints: [':A', '%3A'],
    pattern: /((?:(?<![A-Za-z0-9])|(?<=\\[nrt]))(?:bot)?)(\d{8,12}(?::|%3A)A[\w-]{34})(?![\w-])/g,
  },
  {
    // Discord's: an id in base64, a time, a signature.
    name: 'api_token',
    hints: [],
    needs: '.',
    pattern:
      /(?:(?<![\w.-])|(?<=\\[nrt]))()((?:mfa\.[\w-]{80,90})|[MNO][A-Za-z0-9_-]{22,28}\.[\w-]{6}\.[\w-]{27,40})(?![\w.-])/g,
    accept: isMixed,
  },
  {
    // Okta's API tokens, and others that are told only by the scheme in front.
    name: 'api_token',
    hints: ['SSWS'],
    pattern: /(SSWS\s{1,4})([\w-]{30,64})/g,
  },
  {
    // Vault's of before version 1.10.
    name: 'api_token',
    hints: [],
    needs: 's.',
    pattern: /()(s\.[A-Za-z0-9]{24})(?![\w.-])/g,
    accept: (secret, before) =>
      /\d/.test(secret) && /[A-Za-z]/.test(secret.slice(2)) && !/[\w.-]$/.test(before),
  },
  {
    // Airtable's, Mailchimp's.
    name: 'api_token',
    hints: [],
    needs: 'pat',
    pattern: /()(pat[A-Za-z0-9]{14}\.[a-f0-9]{64})(?![\w-])/g,
  },
  {
    name: 'api_token',
    hints: ['-us'],
    pattern: new RegExp(String.raw`${border}()([a-f0-9]{32}-us\d{1,2})(?![\w-])`, 'g'),
  },
  {
    // Mailgun's signing keys.
    name: 'api_token',
    hints: [],
    pattern: new RegExp(
      String.raw`${border}()([a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8})(?![\w-])`,
      'g',
    ),
  },
  {
    name: 'jwt',
    hints: ['eyJ', 'ewog', 'eyAi'],
    pattern: new RegExp(
      `${border}()((?:eyJ|ewog|eyAi)[\\w-]{8,4096}\\.(?:eyJ|ewog|eyAi)[\\w-]{4,8192}(?:\\.[\\w-]{0,4096})?)`,
      'g',
    ),
  },
  {
    // Encrypted ones, of five parts.
    name: 'jwt',
    hints: ['eyJ'],
    pattern:
      /(?<![A-Za-z0-9])()(eyJ[\w-]{8,4096}\.[\w-]{0,4096}\.[\w-]{8,256}\.[\w-]{4,8192}\.[\w-]{16,256})/g,
  },
  {
    name: 'password_hash',
    hints: [],
    pattern:
      /(?:(?<![\w$])|(?<=\\[nrt]))()(\$(?:2[abxy]|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{0,16}|apr1|[156y]|bcrypt-sha256)\$[\w./+=,$-]{20,256})/g,
  },
]
