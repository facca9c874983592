import {
  alnum,
  base64,
  base64url,
  digits,
  hex,
  lower,
  type Seeded,
  seeded,
  upper,
} from './seeded.ts'

type Template = (r: Seeded) => string

const uuid = (r: Seeded) => [8, 4, 4, 4, 12].map((length) => r.of(hex, length)).join('-')
const ip = (r: Seeded) => `10.${r.int(250)}.${r.int(250)}.${r.int(250)}`
const two = (value: number) => String(value).padStart(2, '0')
const clock = (r: Seeded) => `${two(r.int(24))}:${two(r.int(60))}:${two(r.int(60))}`
const day = (r: Seeded) => `2026-11-${two(r.int(27) + 1)}`
const iso = (r: Seeded) => `${day(r)}T${clock(r)}.${r.of(digits, 3)}Z`
const word = (r: Seeded) => r.of(lower, r.int(6) + 4)
const name = (r: Seeded) =>
  r.pick(['root', 'admin', 'postgres', 'deploy', 'nobody', 'oracle', word(r)])
const pod = (r: Seeded) =>
  `${word(r)}-${r.of('bcdfghjklmnpqrstvwxz2456789', 10)}-${r.of('bcdfghjklmnpqrstvwxz2456789', 5)}`

/** Lines of many formats that hold no secret, with the words and forms that secrets have beside them. */
const templates: readonly Template[] = [
  (r) => `${iso(r)} INFO request ${uuid(r)} took ${r.int(900)} ms`,
  (r) => `trace_id=${r.of(hex, 32)} span_id=${r.of(hex, 16)} sampled=true`,
  (r) => `traceparent: 00-${r.of(hex, 32)}-${r.of(hex, 16)}-01`,
  (r) => `commit ${r.of(hex, 40)} merged into main by ${name(r)}`,
  (r) => `image ${word(r)}@sha256:${r.of(hex, 64)} pulled in ${r.int(90)}s`,
  (r) => `Digest: sha256:${r.of(hex, 64)}`,
  (r) => `"integrity": "sha512-${r.of(base64, 86)}=="`,
  (r) => `checksum=${r.of(hex, 64)} size=${r.int(1e9)}`,
  (r) => `etag "${r.of(hex, 32)}" not modified`,
  (r) => `SHA256:${r.of(base64, 43)} is the fingerprint of the host key`,
  (r) => `data:image/png;base64,${r.of(base64, 120)}`,
  (r) => `at ${r.int(1e9)}: 17${r.of(digits, 17)} ns, 17${r.of(digits, 11)} ms`,
  (r) => `offset=${r.of('456', 1)}${r.of(digits, 15)} partition=${r.int(12)}`,
  (r) => `sequence 4${r.of(digits, 15)} of shard ${r.int(8)}`,
  (r) => `order_id=4${r.of(digits, 15)} placed`,
  (r) => `blk_-${r.of(digits, 19)} received from ${ip(r)}:${r.int(6e4)}`,
  (r) => `token_count=${r.int(4000)} max_tokens=${r.int(4000)} tokens: ${r.int(2000)}`,
  (r) => `prompt tokens=${r.int(2000)} completion_tokens=${r.int(2000)}`,
  (r) => `password reset requested for user ${name(r)}`,
  (r) => `Failed password for ${name(r)} from ${ip(r)} port ${r.int(6e4)} ssh2`,
  (r) => `Failed password for invalid user ${name(r)} from ${ip(r)} port ${r.int(6e4)} ssh2`,
  (r) =>
    `Accepted publickey for ${name(r)} from ${ip(r)} port ${r.int(6e4)} ssh2: RSA SHA256:${r.of(base64, 43)}`,
  () => 'no password supplied',
  (r) => `FATAL: password authentication failed for user "${name(r)}"`,
  (r) => `secretName: ${word(r)}-creds`,
  (r) => `MountVolume.SetUp failed for volume "${word(r)}" : secret "${word(r)}-tls" not found`,
  (r) => `imagePullSecrets: [${word(r)}-registry]`,
  (r) => `cache hit key=user:${r.int(100)} ttl=${r.int(900)}`,
  (r) => `cache_key=${r.of(hex, 32)} evicted`,
  (r) => `partition_key=${r.of(alnum, 24)} shard=${r.int(9)}`,
  (r) => `session opened for user ${name(r)} by (uid=${r.int(1000)})`,
  (r) => `session closed for user ${name(r)}`,
  (r) => `pam_unix(sshd:auth): check pass; user unknown`.concat(' '.repeat(r.int(2))),
  (r) => `pam_unix(cron:session): session opened for user ${name(r)}`,
  (r) => `Authorization failed for ${name(r)}`,
  () => 'Authorization: required',
  (r) => `auth=none peer=${ip(r)}`,
  (r) => `auth: ${r.pick(['enabled', 'disabled', 'ok'])}, tls: on`,
  () => 'cookie: false, secure: true',
  (r) => `Basic health check ${r.int(90)} passed`,
  () => 'Bearer token is missing in the request',
  (r) =>
    `metadata.annotations: kubernetes.io/psp=eks.privileged, checksum/secret: ${r.of(hex, 64)}`,
  (r) => `pod-template-hash=${r.of(hex, 10)} controller-uid=${uuid(r)}`,
  (r) =>
    `Started container in pod ${pod(r)} on ip-${ip(r).replaceAll('.', '-')}.eu-west-1.compute.internal`,
  (r) => `org.apache.hadoop.hdfs.server.namenode.FSNamesystem: BLOCK* ask ${ip(r)}:50010`,
  (r) =>
    `at com.example.security.TokenAuthenticationFilter.doFilterInternal(TokenAuthenticationFilter.java:${r.int(400)})`,
  (r) => `Caused by: javax.security.auth.login.LoginException: no keytab for ${word(r)}`,
  (r) => `com.example.Order@${r.of(hex, 8)} stored`,
  (r) => `GET /static/main.${r.of(hex, 20)}.js HTTP/1.1 200 ${r.int(9000)}`,
  (r) => `GET /assets/app-${r.of(alnum, 8)}.css?v=${r.int(90)} 304`,
  (r) =>
    `${ip(r)} - - [23/Nov/2026:${clock(r)} +0000] "GET /api/orders/${r.int(1e6)} HTTP/1.1" 200 ${r.int(9000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
  (r) =>
    `${ip(r)} - ${name(r)} [23/Nov/2026:${clock(r)} +0000] "POST /login?next=/a@b HTTP/1.1" 302 0`,
  (r) => `phone +49 151 ${r.of(digits, 4)} ${r.of(digits, 4)} called ${r.int(9)} times`,
  (r) => `tel=0${r.of(digits, 10)} callback`,
  (r) =>
    `{"level":"info","time":17639123${r.of(digits, 5)},"msg":"request completed","req":{"id":"${r.of(hex, 16)}"}}`,
  (r) => `{"message_id":"4${r.of(digits, 15)}","queue":"${word(r)}"}`,
  (r) => `{"eventVersion":"1.08","requestID":"${uuid(r)}","eventID":"${uuid(r)}"}`,
  (r) =>
    `level=info ts=${iso(r)} caller=main.go:${r.int(400)} msg="token refreshed" expires_in=${r.int(4000)}`,
  (r) => `time="${iso(r)}" level=warning msg="Secret value rotated" secret=${word(r)}-db-creds`,
  (r) => `invalid token: unexpected ${r.pick(['end of input', 'character', 'EOF'])}`,
  () => `SyntaxError: Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
  (r) => `token expired at ${iso(r)}`,
  (r) => `token: ${r.pick(['expired', 'missing', 'invalid', 'revoked'])}`,
  (r) => `signature: ${r.pick(['valid', 'invalid', 'missing'])}`,
  (r) => `api key ${r.pick(['rotated', 'missing', 'revoked'])} by ${name(r)}`,
  (r) => `primary key (id)=(${r.int(900)}) already exists`,
  (r) => `duplicate key value violates unique constraint "${word(r)}_pkey"`,
  (r) => `keyspace=${word(r)} keys=${r.int(9e5)},expires=${r.int(900)}`,
  (r) => `PWD=/srv/${word(r)} ; USER=root ; COMMAND=/usr/bin/systemctl restart ${word(r)}`,
  (r) => `docker run -p ${r.int(9000)}:${r.int(900)} ${word(r)}:latest`,
  (r) => `ssh -p 22${r.int(90)} ${name(r)} login ok`,
  (r) => `http://${word(r)}.example.com:8080/path?next=/a@b`,
  (r) => `ssh://git@${word(r)}.example.com/repo.git fetched`,
  (r) => `rtsp://camera-${r.int(9)}.example.com:554/stream1 opened`,
  (r) => `postgres://db-${r.int(9)}.internal:5432/shop connected`,
  (r) => `redis://cache:6379/0 ready`.concat(r.pick(['', ' '])),
  (r) => `arn:aws:iam::${r.of(digits, 12)}:role/${word(r)}-deploy assumed`,
  (r) => `s3://${word(r)}-logs/AWSLogs/${r.of(digits, 12)}/elb/${day(r).replaceAll('-', '/')}/x.gz`,
  (r) => `vol-0${r.of(hex, 16)} attached to i-0${r.of(hex, 16)}`,
  (r) =>
    `mac ${Array.from({ length: 6 }, () => r.of(hex, 2)).join(':')} joined from 2001:db8::${r.of(hex, 4)}`,
  (r) => `zk: Established session 0x${r.of(hex, 16)} with negotiated timeout ${r.int(9000)}`,
  (r) => `Expiring session 0x${r.of(hex, 16)}, timeout of ${r.int(9000)}ms exceeded`,
  (r) =>
    `nova.compute [req-${uuid(r)} ${r.of(hex, 32)} ${r.of(hex, 32)} - - -] [instance: ${uuid(r)}] VM Started`,
  (r) => `opened /var/lib/nova/instances/_base/${r.of(hex, 40)}`,
  (r) => `installed lodash@4.17.${r.int(30)} and react@18.${r.int(4)}.0`,
  (r) => `getty@tty${r.int(6)}.service: Succeeded. session-${r.int(900)}.scope: Deactivated`,
  (r) =>
    `kernel: [${r.int(9e5)}.${r.of(digits, 6)}] audit: type=1400 pid=${r.int(3e4)} comm="${word(r)}" key=(null)`,
  (r) =>
    `type=USER_LOGIN msg=audit(1763912345.123:${r.int(900)}): pid=${r.int(900)} uid=0 auid=4294967295 ses=4294967295 acct="${name(r)}" res=success`,
  (r) => `passwd: files systemd ; shadow: files ; group: files`.concat(r.pick(['', ' '])),
  (r) => `tests: pass=${r.int(90)} fail=${r.int(9)} skip=0`,
  (r) => `compass=north bypass=on assign=${r.int(90)} design=blue`,
  (r) => `PersistentVolumeClaim ${word(r)}-pvc bound to pvc-${uuid(r)}`,
  (r) => `X-Request-Id: ${uuid(r)} X-B3-TraceId: ${r.of(hex, 32)}`,
  (r) => `User-Agent: ${word(r)}/1.${r.int(9)} (${uuid(r)})`,
  (r) => `next_page_token=${r.of(base64url, 40)}`,
  (r) => `idempotency-key: ${uuid(r)}`,
  (r) => `public_key=${r.of(base64, 43)}`,
  (r) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${r.of(base64, 43)} ${name(r)}`,
  (r) => `csrf check: token mismatch for ${word(r)}`,
  (r) => `SKU SK${r.of(digits, 5)} restocked in ${r.of(upper, 2)}${r.of(digits, 6)}`,
  (r) => `certificate serial ${Array.from({ length: 16 }, () => r.of(hex, 2)).join(':')}`,
  (r) => `tracking 1Z${r.of(upper + digits, 16)} delivered`,
  (r) =>
    `GC(${r.int(900)}) Pause Young (Normal) ${r.int(900)}M->${r.int(300)}M(${r.int(4000)}M) ${r.int(90)}.${r.of(digits, 3)}ms`,
]

/** Lines that have no secret in them, of all templates in turn. */
export function makeCleanLines(seed: number, count: number): string[] {
  const r = seeded(seed)
  return Array.from({ length: count }, (_, index) =>
    (templates[index % templates.length] ?? templates[0] ?? (() => ''))(r),
  )
}
