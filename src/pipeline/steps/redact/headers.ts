import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
} from './placeholder.ts'

const blank = String.raw`(?:\s|%20|\+)`
const mark = String.raw`\\{0,8}["']?`

/** What follows a scheme that has parameters: `username="bob", response="..."`. */
const parameter = String.raw`[\w-]{1,40}=(?:\\{0,8}"[^"\\\r\n]{0,2048}\\{0,8}"|[^\s,"'\\]{0,2048})`
const parameters = `${parameter}(?:,?\\s{0,4}${parameter}){0,40}`

const schemes =
  'Basic|Bearer|Digest|Negotiate|NTLM|Kerberos|Token|ApiKey|Api-Key|Key|Signature|AWS4-HMAC-SHA256|AWS4-ECDSA-P256-SHA256|AWS|OAuth|Hawk|MAC|SharedKey|SharedKeyLite|SharedAccessSignature|SSWS|GoogleLogin|GenieKey|SAPISIDHASH|DPoP|PrivateToken|Splunk|Bot|Client-ID|HMAC(?:-SHA256)?|SCRAM-SHA-256|Mutual|VAPID|vapid|Discogs|GOOG4-RSA-SHA256|TC3-HMAC-SHA256|acs'

/** `Authorization: Basic dXNlcjpwYXNz`, quoted or not, with or without a scheme. */
const authorization = new RegExp(
  `(?<!<)(authorization${mark}\\s{0,4}(?:[:=]{1,2}|=>|,|%3A)(?:\\s|%20){0,4}\\[?${mark}(?:(?:${schemes})(?:\\s|%20|\\+|:){1,4})?)` +
    `(${parameters}|[^\\s"'\\\\,;\\]}<>][^\\s"'\\\\\\]}<>]{3,8191})`,
  'gi',
)

/** `Bearer abc...` and `Basic dXNlcjpwYXNz` without their header. */
const scheme = new RegExp(
  `(?<![A-Za-z0-9])((?:Bearer|Basic|ApiKey|DPoP|SAPISIDHASH)${blank}{1,4})([\\w.~+/-]{8,8192}={0,2})`,
  'gi',
)

/** `Cookie: a=b; c=d` and `Set-Cookie: a=b; Path=/`, to the end of the line, of the quotes or of the list. */
const cookie = new RegExp(
  `(cookie2?${mark}\\s{0,4}(?:[:=]|=>|,)\\s{0,4})(\\[[^\\]\\r\\n]{1,8192}|\\\\{0,8}["'][^\\s=;,"'<>\\\\]{1,128}=[^\\r\\n"']{1,8192}|[^\\s=;,"'<>\\\\[]{1,128}=[^\\r\\n"'\\\\\\]}]{1,8192})`,
  'gi',
)

const anyHeader = /authorization|bearer|basic|apikey|dpop|cookie/i

/** Takes out what HTTP headers carry: credentials of Authorization and whole cookies. */
export function redactHeaders(
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  if (!anyHeader.test(text)) return text
  const apply = (from: string, pattern: RegExp, rule: string, accept: Accept) =>
    from.replace(pattern, (match, kept: string, secret: string) => {
      if (isPlaceholder(secret) || !accept(secret, kept)) return match
      count(counts, rule)
      return kept + placeholderOf(rule, secret, options)
    })
  const quoted = /^\\{0,8}["'[]/
  const safe = apply(
    apply(text, authorization, 'authorization', isCredential),
    scheme,
    'authorization',
    isSchemeCredential,
  )
  return safe.replace(cookie, (match, kept: string, secret: string) => {
    const opening = quoted.exec(secret)?.[0] ?? ''
    const value = secret.slice(opening.length).replace(/\\+$/, '')
    if (!isCookie(value)) return match
    count(counts, 'cookie')
    return (
      kept +
      opening +
      placeholderOf('cookie', value, options) +
      secret.slice(opening.length + value.length)
    )
  })
}

type Accept = (secret: string, kept: string) => boolean

/**
 * Prose behind `authorization:` is letters; a credential has a digit, a sign, or both cases, or a
 * scheme before it.
 */
function isCredential(secret: string, kept: string): boolean {
  if (/(?:[a-z0-9-])(?:\s|%20|\+|:){1,4}$/i.test(kept) && !/authorization\W{0,16}$/i.test(kept))
    return (
      secret.length >= 6 &&
      !/^(?:auth\w*|token|scheme|header|realm|challenge|credentials?|required|missing|failed|is|not|was)\b/i.test(
        secret,
      )
    )
  return (
    secret.length >= 8 &&
    !/^(?:https?:|\/|\d+\.\d+\.|[\w-]+\.[\w-]+\.[a-z]+$|[a-z]+(?:[-_.:/][a-z0-9]+)*$)/.test(
      secret,
    ) &&
    (/[\d+/=]/.test(secret) || (/[a-z]/.test(secret) && /[A-Z]/.test(secret.slice(1))))
  )
}

/** `Basic` must decode to `user:password`; behind the others there must be more than a word. */
function isSchemeCredential(secret: string, kept: string): boolean {
  if (/^basic/i.test(kept))
    return /^[\p{L}\p{N}\p{P}\p{S} ]*:[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(
      Buffer.from(secret, 'base64').toString('utf8'),
    )
  if (/^[a-z]+(?:[-_./][a-z]+)*$/i.test(secret) && secret.length < 24) return false
  return secret.length >= 20 || /\d/.test(secret)
}

/** A list without `=` has no cookies in it. */
function isCookie(value: string): boolean {
  return !isPlaceholder(value) && /=|[A-Za-z0-9]{16}/.test(value)
}
