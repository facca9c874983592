import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
  type RedactionRule,
} from './placeholder.ts'

/** `Authorization: Basic dXNlcjpwYXNz`, quoted or not, with or without a scheme. */
const authorization =
  /(?<!<)(authorization\\?["']?\s{0,4}[:=]\s{0,4}\[?\\?["']?(?:(?:Basic|Bearer|Digest|Negotiate|NTLM|Token|ApiKey|Api-Key|Key|Signature|AWS4-HMAC-SHA256|AWS)\s{1,4})?)([^\s"'\\,;\]}<>][^\s"'\\\]}<>]{5,8191})/gi

/** `Bearer abc...` and `Basic dXNlcjpwYXNz` without their header. */
const scheme = /(?<![A-Za-z0-9])((?:Bearer|Basic)\s{1,4})([\w.~+/-]{8,8192}={0,2})/gi

/** `Cookie: a=b; c=d` and `Set-Cookie: a=b; Path=/`, to the end of the line or of the quotes. */
const cookie =
  /(cookie\\?["']?\s{0,4}[:=]\s{0,4}\[?\\?["']?)([^\s=;,"'<>\\]{1,128}=[^\r\n"'\\\]}]{1,8192})/gi

const anyHeader = /authorization|bearer|basic|cookie/i

/** Takes out what HTTP headers carry: credentials of Authorization and whole cookies. */
export function redactHeaders(
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  if (!anyHeader.test(text)) return text
  let safe = apply(text, authorization, 'authorization', isCredential, counts, options)
  safe = apply(safe, scheme, 'authorization', isSchemeCredential, counts, options)
  safe = apply(safe, cookie, 'cookie', () => true, counts, options)
  return safe
}

function apply(
  text: string,
  pattern: RegExp,
  rule: RedactionRule,
  accept: (secret: string, kept: string) => boolean,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  return text.replace(pattern, (match, kept: string, secret: string) => {
    if (isPlaceholder(secret) || !accept(secret, kept)) return match
    count(counts, rule)
    return kept + placeholderOf(rule, secret, options)
  })
}

/**
 * Prose behind `authorization:` is letters; a credential has a digit, a sign, or both cases, or a
 * scheme before it.
 */
function isCredential(secret: string, kept: string): boolean {
  return /\s$/.test(kept) && /[a-z0-9]\s{1,4}$/i.test(kept)
    ? true
    : /[\d+/=_.-]/.test(secret) || (/[a-z]/.test(secret) && /[A-Z]/.test(secret.slice(1)))
}

/** `Basic` must decode to `user:password`; behind `Bearer` there must be more than a word. */
function isSchemeCredential(secret: string, kept: string): boolean {
  if (/^basic/i.test(kept)) {
    return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(secret, 'base64').toString('latin1'))
  }
  return secret.length >= 20 || /\d/.test(secret)
}
