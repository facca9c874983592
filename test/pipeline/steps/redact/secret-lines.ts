import type { RedactionRule } from '../../../../src/pipeline/steps/redact/placeholder.ts'

export interface SecretLine {
  rule: RedactionRule
  secret: string
  line: string
}

/** Characters of a token, different for each seed, digits among them. */
function token(length: number, seed: number, alphabet = lettersAndDigits): string {
  let out = ''
  let state = seed * 2_654_435_761
  for (let at = 0; at < length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    out += at % 5 === 3 ? String(state % 10) : alphabet[state % alphabet.length]
  }
  return out
}

const lettersAndDigits = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789'
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const hex = '0123456789abcdef'
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (subject: string) =>
  `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url({ sub: subject, scope: 'cart' })}.${token(43, 7)}`
const basic = (user: string, password: string) =>
  Buffer.from(`${user}:${password}`).toString('base64')
const pem = (kind: string) =>
  `-----BEGIN ${kind}-----\nMIIEpAIBAAKCAQEA${token(60, 3)}\n${token(64, 4)}\n-----END ${kind}-----`

/** A secret and the line that it stands in, in the manner of real programs. */
const at = (rule: RedactionRule, secret: string, line: (secret: string) => string): SecretLine => ({
  rule,
  secret,
  line: line(secret),
})

/** Made at run time, so that no scanner takes this file for a leak. */
export const secretLines: readonly SecretLine[] = [
  at(
    'aws_key',
    `AKIA${token(16, 1, capitals).toUpperCase()}`,
    (s) => `s3: signing with ${s} in eu-west-1`,
  ),
  at('aws_key', `ASIA${token(16, 2, capitals).toUpperCase()}`, (s) => `AWS_ACCESS_KEY_ID=${s}`),
  at('aws_secret', token(40, 5), (s) => `AWS_SECRET_ACCESS_KEY=${s} region=eu-west-1`),
  at('aws_secret', `${token(38, 6)}/+`, (s) => `{"SecretAccessKey":"${s}","Version":1}`),
  at(
    'aws_secret',
    `${token(20, 8)}/${token(19, 9)}`,
    (s) => `creds AKIA${token(16, 1, capitals).toUpperCase()} ${s} loaded`,
  ),
  at(
    'github_token',
    `ghp_${token(36, 10)}`,
    (s) => `git clone https://x:${s.slice(0, 0)}github.com failed, token ${s}`,
  ),
  at('github_token', `ghs_${token(36, 11)}`, (s) => `remote: token=${s}`),
  at('github_token', `github_pat_${token(22, 12)}_${token(59, 13)}`, (s) => `using "${s}"`),
  at('gitlab_token', `glpat-${token(20, 14)}`, (s) => `PRIVATE-TOKEN: ${s}`),
  at('gitlab_token', `glrt-${token(20, 15)}`, (s) => `runner registered (${s})`),
  at(
    'slack_token',
    `xoxb-${token(12, 16, hex)}-${token(24, 17)}`,
    (s) => `slack client started with ${s}`,
  ),
  at('slack_token', `xoxp-${token(12, 18, hex)}-${token(12, 19, hex)}`, (s) => `SLACK_TOKEN=${s};`),
  at(
    'webhook',
    `T0${token(8, 20)}/B0${token(8, 21)}/${token(24, 22)}`,
    (s) => `POST https://hooks.slack.com/services/${s} 404`,
  ),
  at('stripe_key', `sk_live_${token(24, 23)}`, (s) => `Invalid API Key provided: ${s}`),
  at('stripe_key', `rk_test_${token(24, 24)}`, (s) => `stripe.api_key = "${s}"`),
  at('stripe_key', `whsec_${token(32, 25)}`, (s) => `webhook signed with ${s}`),
  at('openai_key', `sk-proj-${token(48, 26)}`, (s) => `Incorrect API key provided: ${s}.`),
  at('anthropic_key', `sk-ant-api03-${token(80, 27)}`, (s) => `x-api-key: ${s}`),
  at('google_key', `AIza${token(35, 28)}`, (s) => `GET /maps/api/geocode?address=x&key=${s} 403`),
  at('google_key', `ya29.${token(60, 29)}`, (s) => `refreshed ${s} for service account`),
  at('google_key', `GOCSPX-${token(28, 30)}`, (s) => `oauth client ${s}`),
  at('npm_token', `npm_${token(36, 31)}`, (s) => `//registry.example.com/:_authToken=${s}`),
  at('api_token', `SG.${token(22, 32)}.${token(43, 33)}`, (s) => `sendgrid rejected ${s}`),
  at('api_token', `hf_${token(34, 34)}`, (s) => `hub login ${s} ok`),
  at('pypi_token', `pypi-${token(80, 35)}`, (s) => `twine upload -p ${s}`),
  at('api_token', `dop_v1_${token(64, 36, hex)}`, (s) => `doctl auth ${s}`),
  at('api_token', `hvs.${token(30, 37)}`, (s) => `X-Vault-Token: ${s}`),
  at('api_token', `shpat_${token(32, 38, hex)}`, (s) => `shop sync with ${s}`),
  at('api_token', `glsa_${token(32, 39)}_${token(8, 40, hex)}`, (s) => `grafana: using ${s}`),
  at(
    'api_token',
    `123456789:AA${token(33, 41)}`,
    (s) => `POST https://api.telegram.example/bot/${s} sent`,
  ),
  at('api_token', token(32, 42), (s) => `fetch https://${s}@dev.example.com/org/repo`),
  at('jwt', jwt('u-61394'), (s) => `verify failed for ${s}: expired`),
  at('jwt', jwt('u-1'), (s) => `Authorization: Bearer ${s}`),
  at('jwt', jwt('u-2'), (s) => `{"msg":"refresh","id_token":"${s}"}`),
  at('private_key', pem('RSA PRIVATE KEY'), (s) => `loaded key:\n${s}\nfrom /etc/tls`),
  at('private_key', pem('PRIVATE KEY'), (s) => `{"tls.key":"${s}"}`.replaceAll('\n', '\\n')),
  at('private_key', pem('OPENSSH PRIVATE KEY'), (s) => `cat id_ed25519: ${s}`),
  at('private_key', pem('EC PRIVATE KEY').slice(0, 90), (s) => `truncated ${s}`),
  at('authorization', basic('admin', 'hunter2'), (s) => `> Authorization: Basic ${s}`),
  at('authorization', basic('svc', 'p4ss'), (s) => `curl -H "authorization: Basic ${s}" http://x/`),
  at('authorization', token(40, 43), (s) => `header Authorization=Bearer ${s}`),
  at('authorization', token(32, 44), (s) => `"Authorization":["Bearer ${s}"]`),
  at('authorization', token(30, 45), (s) => `retrying with bearer ${s} after 401`),
  at('authorization', basic('user', 'secret9'), (s) => `proxy asked for Basic ${s}`),
  at('cookie', `sid=${token(24, 46)}; theme=dark`, (s) => `Cookie: ${s}`),
  at('cookie', `session=${token(24, 47)}; Path=/; HttpOnly`, (s) => `< Set-Cookie: ${s}`),
  at('cookie', `JSESSIONID=${token(32, 48, hex)}`, (s) => `"cookie":"${s}","status":200`),
  at('password', 'hunter2', (s) => `postgres://shop:${s}@orders-db:5432/orders refused`),
  at('password', 'p%40ss', (s) => `connecting to redis://:${s}@cache:6379/0`),
  at('password', 'n0t-4-you', (s) => `amqp://worker:${s}@rabbit:5672//`),
  at('password', 'hunter2', (s) => `login failed user=bob password=${s} from 10.0.0.9`),
  at('password', 'two words', (s) => `{"user":"bob","password":"${s}"}`),
  at('password', 'wh4t', (s) => `DB_PASSWORD: ${s}`),
  at('password', 'abc;d', (s) => `passwd='${s}' rejected`),
  at('password', 's3cret!', (s) => `jdbc:postgresql://db/x?user=app&password=${s}&ssl=true`),
  at('password', 'Xy12', (s) => `Server=db;Database=x;Uid=sa;Pwd=${s};`),
  at('password', 'topsecret', (s) => `running mysql --user root --password ${s} shop`),
  at('password', 'n3w', (s) => `statement: ALTER USER app WITH PASSWORD '${s}'`),
  at('password', 'g3heim', (s) => `CREATE USER x IDENTIFIED BY '${s}'`),
  at('password', 'esc4ped', (s) => `body={\\"login\\":\\"bob\\",\\"password\\":\\"${s}\\"}`),
  at('password', '12345678', (s) => `smtp_pass=${s} host=mail`),
  at('password', 'correct horse', (s) => `passphrase => "${s}"`),
  at('secret', token(32, 49), (s) => `api_key=${s} plan=pro`),
  at('secret', token(32, 50, hex), (s) => `X-Api-Key: ${s}`),
  at('secret', token(20, 51), (s) => `client_secret: "${s}"`),
  at('secret', token(40, 52), (s) => `access_token=${s}&expires_in=3600`),
  at('secret', token(24, 53), (s) => `{"refreshToken": "${s}"}`),
  at('secret', token(16, 54), (s) => `agent join --token ${s} --server https://10.0.0.1`),
  at('azure_key', `${token(86, 55)}==`, (s) => `AccountName=shop;AccountKey=${s};EndpointSuffix=x`),
  at('secret', token(44, 56), (s) => `GET /blob?sv=2022&sig=${s} 403`),
  at('secret', token(64, 57, hex), (s) => `X-Amz-Signature=${s}`),
  at('secret', '493817', (s) => `sent otp=${s} by sms`),
  at('email', 'anna.dahl+shop@example.co.uk', (s) => `receipt sent to ${s}, order 12`),
  at('email', 'josé@exämple.de', (s) => `unknown recipient <${s}>`),
  at('email', 'bob@example.com', (s) => `{"user":"${s}"}`),
  at('email', 'bob%40example.com', (s) => `GET /unsubscribe?mail=${s} 200`),
  at('card', '4111 1111 1111 1111', (s) => `form field was not tokenised: ${s}`),
  at('card', '5555-5555-5555-4444', (s) => `card ${s} declined`),
  at('card', '4111 1111 1111 1111', (s) => `2027 ${s} 12/29 737`),
  at('card', '4111111111111111', (s) => `pan:${s}, order 12`),
  at('card', '378282246310005', (s) => `pan=${s}`),
  at('card', '6011111111111117', (s) => `{"card_number":"${s}"}`),
  at('card', '3530111333300000', (s) => `charge ${s}: insufficient funds`),
]
