/** What in a question names one thing exactly, and what is quoted as it stands. */
export interface Named {
  /** Ids, addresses, hosts, paths, user names, numbers that name things: as written, each once. */
  identifiers: string[]
  /** Quoted text that is no identifier: "connection refused". */
  phrases: string[]
}

/** Words with digits that name a kind of thing and not one of it. */
const kinds: ReadonlySet<string> = new Set(
  (
    'http2 http3 h2 ipv4 ipv6 utf8 utf-8 utf16 sha1 sha256 sha-256 sha512 md5 base64 x509 s3 ec2 k8s ' +
    'k3s oauth2 log4j log4j2 slf4j p50 p90 p95 p99 p999 i18n l10n arm64 x86 x64 amd64 win32 mp3 mp4 ' +
    'b2b 4xx 5xx 3xx 2xx 24x7 rs256 aes256 gp2 gp3 neo4j db2 h264 e2e a11y web3'
  ).split(' '),
)

/** Words behind "user" that are no name. */
const notNames: ReadonlySet<string> = new Set(
  (
    'unknown request requests input error errors agent agents space mode id ids name names data account ' +
    'accounts password passwords and or not level defined interface session sessions profile profiles ' +
    'process group groups list table events event action actions authentication count limit total number ' +
    'query service api role message messages activity traffic cache store database quota login logins ' +
    'logout logouts info information details settings code who that which with whose is was were has had ' +
    'have did does do can could in on at for from by to of the a an failed fails fail failure failures ' +
    'log logs logged logging see sees get gets got be been being after before during when while if what ' +
    'where why how most more than creation deletion complaints reports experience facing connections ' +
    'connected connecting try tried tries trying use used uses using'
  ).split(' '),
)

const units =
  /^(?:b|k|kb|mb|gb|tb|kib|mib|gib|bytes?|ms|us|ns|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?|times|x|%|percent|hz|mhz|ghz|rps|qps)\b/i

/** Nouns after which a number says which one is meant. */
const numbered =
  /(?:^|[^\p{L}])(?:errors?|status|codes?|http|ports?|pid|process|id|instance|order|job|task|session|request|req|user|uid|customer|account|line|node|thread|block|container|transaction|txid|tx|worker|shard|partition|offset|sku|parcel|payment|invoice|ticket|query|connection|client|server|host|vm|number|no\.?|event|exception|attempt|application|#)\s*[:=#]?\s*$/iu

/** Finds what a question (its times taken out) names. `services` are names that are no identifiers, lower case. */
export function findNamed(text: string, services: ReadonlySet<string>): Named {
  const named: Named = { identifiers: [], phrases: [] }
  const add = (value: string) => {
    if (value !== '' && !named.identifiers.includes(value)) named.identifiers.push(value)
  }
  const plain = text.replace(quoted, (match) => {
    const inner = match.slice(1, -1).trim()
    if (/^\S+$/.test(inner) && isIdentifier(inner)) add(inner.slice(0, 128))
    else if (inner.length > 1) named.phrases.push(inner.slice(0, 200))
    return ' '.repeat(match.length)
  })
  for (const match of plain.matchAll(/\S+/g)) {
    const before = plain.slice(Math.max(0, match.index - 24), match.index)
    const after = plain.slice(match.index + match[0].length, match.index + match[0].length + 16)
    for (const part of partsOf(match[0])) {
      if (services.has(part.toLowerCase())) continue
      if (/^\d+$/.test(part) ? namesByNumber(part, before, after) : isIdentifier(part)) add(part)
      else if (/^[1-5]\d\ds$/.test(part)) add(part.slice(0, 3))
      else if (/\b(?:user(?:name)?|login|logname)\s*[:=]?\s*$/i.test(before) && isUserName(part))
        add(part)
    }
  }
  return named
}

const quoted = /"[^"]*"|`[^`]*`|“[^”]*”|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu

/** A token without the punctuation around it; of "rhost=218.188.2.4" the value. */
function partsOf(token: string): string[] {
  const core = token
    .replace(/^[([{<,;:'"*]+/, '')
    .replace(/(?:['’]s)?[)\]}>,;:.?!'"*]+$/, '')
    .replace(/['’]s$/, '')
  const value = /^[\w.-]+=(.+)$/.exec(core)?.[1]
  return [(value ?? core).replace(/^(?:#|\/(?=\d{1,3}\.\d))/, '')].filter((part) => part.length > 1)
}

function namesByNumber(number: string, before: string, after: string): boolean {
  if (number.length < 3 || units.test(after.trim())) return false
  if (
    /\b(?:top|first|last|than|over|under|above|below|least|most|exactly|about|every|limit)\s+$/i.test(
      before,
    )
  )
    return false
  // A round number of things is an amount: "500 requests"; "504 responses" and "500 errors" are those with a status.
  const isStatus =
    /^[1-5]\d\d$/.test(number) && /^\s*(?:responses|errors|codes|status)/i.test(after)
  const isAmount = /00$/.test(number) && /^\s*[a-z]+s\b/i.test(after) && !isStatus
  return !isAmount || numbered.test(before) || /#$/.test(before)
}

/** The numbers of three or more digits in a text that name nothing and measure nothing, so that nothing was done with them. */
export function findUnusedNumbers(text: string, identifiers: readonly string[]): string[] {
  return [...text.matchAll(/(?<![\w.:/-])\d{3,}(?![\w:/-]|\.\d)/g)]
    .filter((match) => {
      const after = text.slice(match.index + match[0].length, match.index + match[0].length + 16)
      return !units.test(after.trim()) && !identifiers.includes(match[0])
    })
    .map((match) => match[0])
}

/** True for a token that names one thing by its looks. */
function isIdentifier(token: string): boolean {
  const text = token.toLowerCase()
  if (text.length < 3 || text.length > 256 || kinds.has(text)) return false
  // What redaction put in a secret's place, in the lines and in the question alike.
  if (/^[a-z_]{2,20}:[0-9a-f]{6}$/.test(token)) return true
  if (/^\/[\w.-]*[a-z][\w./*%:-]*$/i.test(token) || /^[a-z][a-z0-9+]*:\/\/\S/i.test(token))
    return true
  if (/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(token)) return true
  if (/^[a-f0-9]{16,}$/i.test(token) || /^[a-f0-9]{0,4}(?::[a-f0-9]{0,4}){3,}/i.test(token))
    return true
  if (isHostName(token)) return true
  if (!/\d/.test(token)) return /^(?:[\w.-]+\/)+[\w-]+\.[a-z]+$/i.test(token)
  if (/^[\d.,:]+$/.test(token)) return /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/.test(token)
  if (
    /^[\d.,]+(?:[a-z%]{1,3}|secs?|mins?|hours?|days?|bytes)$/.test(text) ||
    /^\d+(?:st|nd|rd|th)$/.test(text)
  )
    return false
  if (
    /^(?:v?\d+(?:\.\d+)+|tls1\.\d|http\/\d(?:\.\d)?|c\+\+\d+|java\d+|python\d(?:\.\d+)?)$/.test(
      text,
    )
  )
    return false
  if (/^\d+-[a-z]+(?:-[a-z]+)*$/.test(text)) return false
  if (/^[a-z\d]+$/i.test(token)) {
    // "Base64Decoder" and "Http2Exception" are words; "f2ae9" and "node3" are not.
    return !/^[A-Za-z][a-z]+\d+[A-Z][a-z]+/.test(token) && /\d$|\d\D*\d/.test(token)
  }
  return /[a-z]/i.test(token) || /^\d+(?:[-_/]\d+)+$/.test(token)
}

/** "ftp.example.org", but not "org.apache.hadoop.io". */
function isHostName(token: string): boolean {
  const isClass = /^(?:org|com|net|java|javax|sun|io)\./i.test(token)
  return (
    !isClass &&
    /^[a-z\d-]+(?:\.[a-z\d-]+)+\.(?:com|net|org|edu|gov|io|dev|local|internal|lan|example|test|invalid|[a-z]{2})$/i.test(
      token,
    )
  )
}

function isUserName(word: string): boolean {
  return /^[\p{L}][\p{L}\p{N}_.-]*$/u.test(word) && !notNames.has(word.toLowerCase())
}
