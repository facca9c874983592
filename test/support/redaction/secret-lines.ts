import { formedSecrets, opaque, password, pem } from './secrets.ts'
import { alnum, base64, digits, hex, lower, type Seeded, seeded } from './seeded.ts'

export interface SecretLine {
  kind: string
  /** What may not be in the redacted line. */
  secret: string
  line: string
}

type Template = (secret: string, r: Seeded) => string

/** Where a token stands that is told by its form. */
const around: readonly Template[] = [
  (s, r) =>
    `2026-11-2${r.int(9)}T10:0${r.int(9)}:00.123Z ERROR client: request with ${s} was refused`,
  (s, r) => `{"level":"warn","msg":"using ${s}","attempt":${r.int(9)}}`,
  (s) => `level=error msg="upstream said 401" credential="${s}" service=checkout`,
  (s, r) => `<34>1 2026-11-23T10:00:00Z host app ${r.int(9999)} - - value ${s} loaded`,
  (s) => `10.0.0.7 - - [23/Nov/2026:10:00:00 +0000] "GET /v1/x?value=${s} HTTP/1.1" 200 12`,
  (s) =>
    `Exception in thread "main" java.lang.IllegalStateException: bad value '${s}' at com.shop.Main`,
  (s) => `payload={\\"a\\":1,\\"v\\":\\"${s}\\"}`,
  (s) => `first line\\n${s}\\nlast line`,
]

/** Where a value is a secret by its key. */
const keyed: Readonly<Record<string, Template>> = {
  'key=value': (s) => `connecting with password=${s} to db`,
  'key: value': (s) => `smtp_password: ${s}`,
  json: (s) => `{"user":"bob","password":"${s}","n":1}`,
  'escaped json': (s) => `body="{\\"password\\":\\"${s}\\",\\"n\\":1}"`,
  'twice escaped json': (s) => `{"log":"{\\\\\\"dbPassword\\\\\\":\\\\\\"${s}\\\\\\"}"}`,
  yaml: (s) => `database:\n  password: "${s}"\n  port: 5432`,
  logfmt: (s) => `level=info client_secret="${s}" took=12ms`,
  flag: (s) => `exec: restore --db-password ${s} --force`,
  'flag=': (s) => `exec: restore --password=${s} --force`,
  'single dash flag': (s) => `keytool -storepass ${s} -list`,
  mysql: (s) => `sh -c "mysqldump -uroot -p${s} shop"`,
  curl: (s) => `+ curl -s -u admin:${s} https://api.example/v1`,
  sshpass: (s) => `sshpass -p ${s} ssh deploy@web1`,
  'docker login': (s) => `docker login -u bob -p ${s} registry.example`,
  query: (s) => `GET /login?user=bob&password=${encodeURIComponent(s)}&next=%2F HTTP/1.1`,
  'sql identified by': (s) => `CREATE USER shop IDENTIFIED BY '${s}'`,
  'sql password': (s) => `ALTER ROLE shop WITH LOGIN PASSWORD '${s}' VALID UNTIL 'infinity'`,
  'sql plugin': (s) => `ALTER USER a IDENTIFIED WITH mysql_native_password BY '${s}'`,
  environment: (s) => `env: PATH=/bin DB_PASS=${s} HOME=/root`,
  'environment secret': (s) => `JWT_SECRET=${s}`,
  'environment dump': (s) => `PGPASSWORD=${s}\nPGHOST=db`,
  xml: (s) => `<config><user>bob</user><password>${s}</password></config>`,
  'xml attribute': (s) => `<property name="password" value="${s}"/>`,
  'xml escaped': (s) => `body: &lt;Password&gt;${s}&lt;/Password&gt;`,
  'name and value': (s) => `[{"name":"DB_PASSWORD","value":"${s}"}]`,
  form: (s) => `username=bob&passwd=${encodeURIComponent(s)}&remember=1`,
  'percent-encoded': (s) => `redirect=%2Fcb%3Fpassword%3D${encodeURIComponent(s)}%26a%3D1`,
  php: (s) => `a:2:{s:4:"user";s:3:"bob";s:8:"password";s:${s.length}:"${s}";}`,
  'php dump': (s) => `["password"]=> string(${s.length}) "${s}"`,
  ruby: (s) => `{:user=>"bob", :password=>"${s}"}`,
  python: (s) => `connect(host='db', password='${s}')`,
  java: (s) => `DbConfig{url='x', password='${s}', pool=3}`,
  go: (s) => `&{Host:db Password:${s} Port:5432}`,
  ini: (s) => `[db]\npassword = ${s}\n`,
  jdbc: (s) => `jdbc:postgresql://db:5432/shop?user=app&password=${encodeURIComponent(s)}`,
  odbc: (s) => `Driver={x};Server=db;Uid=sa;Pwd=${s};Encrypt=yes`,
  netrc: (s) => `machine git.example login bob password ${s}`,
  prose: (s) => `user bob logged in with password ${s}`,
  'redis conf': (s) => `requirepass ${s}`,
  basic: (s) => `> Authorization: Basic ${Buffer.from(`bob:${s}`).toString('base64')}`,
}

/** Schemes of URLs that carry a password. */
const schemes =
  'postgres postgresql mysql mongodb mongodb+srv redis rediss amqp amqps http https ftp smtp ldap nats kafka clickhouse sqlserver'.split(
    ' ',
  )

/** Values that only a key tells, opaque ones. */
const tokens: Readonly<Record<string, Template>> = {
  'api key header': (s) => `X-Api-Key: ${s}`,
  'dd header': (s) => `"dd-api-key": "${s}"`,
  'access token': (s) => `{"access_token":"${s}","expires_in":3600}`,
  'refresh token': (s) => `refresh_token=${s}&grant_type=refresh_token`,
  'client secret': (s) => `client_secret=${s}`,
  'token flag': (s) => `agent join --token ${s} --server x`,
  'aws secret': (s) => `AWS_SECRET_ACCESS_KEY=${s}`,
  'account key': (s) =>
    `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${s};EndpointSuffix=core.windows.net`,
  sas: (s) => `GET /c/b?sv=2022-11-02&sr=b&sig=${s}&se=2027-01-01 403`,
  'shared access key': (s) => `Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=${s}`,
  'secret key base': (s) => `SECRET_KEY_BASE: ${s}`,
  'app key': (s) => `DD_APP_KEY=${s}`,
  'vendor key': (s) => `STRIPE_KEY=${s}`,
  cloudflare: (s) => `CLOUDFLARE_API_TOKEN=${s}`,
  bearer: (s) => `Authorization: Bearer ${s}`,
  'token scheme': (s) => `authorization: token ${s}`,
  'api key scheme': (s) => `"Authorization":"ApiKey ${s}"`,
  'proxy authorization': (s) => `Proxy-Authorization: Bearer ${s}`,
  'bare authorization': (s) => `authorization=${s}`,
  okta: (s) => `Authorization: SSWS ${s}`,
  digest: (s) => `Authorization: Digest username="bob", realm="x", nonce="abc", response="${s}"`,
  signature: (s) =>
    `Authorization: AWS4-HMAC-SHA256 Credential=x/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=${s}`,
  'bearer in escaped json': (s) => `{\\"authorization\\":\\"Bearer ${s}\\"}`,
  cookie: (s) => `Cookie: theme=dark; sid=${s}`,
  'set cookie': (s) => `< set-cookie: session=${s}; Path=/; HttpOnly`,
  'session id': (s) => `session_id=${s} user=7`,
  jsessionid: (s) => `GET /cart;jsessionid=${s}?x=1`,
  'sentry dsn': (s) => `https://${s}@o1234.ingest.example/42`,
  webhook: (s) => `POST https://hooks.slack.com/services/T0AB/B0CD/${s} 404`,
  'presigned url': (s) => `https://b.s3.example/k?X-Amz-Signature=${s}&X-Amz-Expires=60`,
  'vault header': (s) => `X-Vault-Token: ${s}`,
  npmrc: (s) => `//npm.example/:_authToken=${s}`,
}

/** Lines with one secret each, of all kinds in turn. */
export function makeSecretLines(seed: number, rounds: number): SecretLine[] {
  const r = seeded(seed)
  const lines: SecretLine[] = []
  const add = (kind: string, secret: string, line: string) => lines.push({ kind, secret, line })
  for (let round = 0; round < rounds; round += 1) {
    for (const [kind, make] of Object.entries(formedSecrets)) {
      const secret = make(r)
      add(kind, secret, r.pick(around)(secret, r))
    }
    for (const [kind, template] of Object.entries(keyed)) {
      const secret = password(r)
      const line = template(secret, r)
      add(kind, line.includes(secret) ? secret : encodeURIComponent(secret), line)
    }
    for (const scheme of schemes) {
      const odd = r.pick([
        password(r),
        `p@${r.of(alnum, 6)}`,
        `a/${r.of(lower, 5)}#1`,
        r.of(digits, 4) + r.of(lower, 4),
        `x:${r.of(alnum, 6)}?`,
      ])
      add(`url ${scheme}`, odd, `dial ${scheme}://app:${odd}@db-1.internal:5432/shop?x=1 failed`)
    }
    for (const [kind, template] of Object.entries(tokens)) {
      const secret = r.pick([
        opaque(r),
        r.of(hex, 39) + r.pick(['a7', '3f']),
        kind === 'aws secret' ? `${r.of(base64, 39)}7` : opaque(r),
      ])
      add(kind, secret, template(secret, r))
    }
    const key = pem('RSA ', r)
    const [, cut = ''] = key.split('\n')
    add('cut private key', cut, `{"key":"${key.slice(0, 150).replaceAll('\n', '\\n')}","n":1}`)
    add('private key lines', cut, `loaded\n${key}\nok`)
    const pair = `${r.of(base64, 38)}9a`
    add('aws pair', pair, `creds AK${'IA'}${r.of('ABCDEFGH234567', 16)} ${pair} loaded`)
    const encoded = Buffer.from(key).toString('base64')
    add('kubeconfig key', encoded.slice(60, 120), `client-key-data: ${encoded}`)
  }
  return lines
}
