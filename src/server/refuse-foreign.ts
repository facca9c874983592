import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { HttpError } from './http-error.ts'

/*
 * A server on 127.0.0.1 is in reach of every web page that its owner opens. Two rules keep pages of others out; there
 * are no CORS headers, so what such a page asks for with GET it cannot read.
 *
 * 1. A request that changes something must not come from a page of another origin. Browsers say where it comes from in
 *    Sec-Fetch-Site, older ones in Origin; senders and command lines say neither and pass.
 * 2. While the server listens on loopback only, the Host header must be an address, `localhost` or a name from
 *    `allowedHosts`. A page that makes its own name resolve to 127.0.0.1 (DNS rebinding) still sends that name.
 *
 * Neither is authentication: who can reach the port may use it.
 */

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface ForeignRules {
  /** The address that the server listens on. */
  host: string
  allowedHosts: readonly string[]
}

/** Fails with status 403 when the request is one that another origin's page made a browser send. */
export function refuseForeign(
  rules: ForeignRules,
  method: string,
  headers: IncomingHttpHeaders,
): void {
  const host = hostNameOf(headers.host)
  if (isLoopback(rules.host) && !isLocalName(host) && !rules.allowedHosts.includes(host))
    throw forbidden(`expected the Host localhost or an address, got "${host.slice(0, 80)}"`)
  if (safeMethods.has(method)) return
  const site = headers['sec-fetch-site']
  if (site !== undefined) {
    if (site === 'same-origin' || site === 'none') return
    throw forbidden("expected a request from this server's own page, got one from another site")
  }
  const origin = headers.origin
  if (origin === undefined) return
  if (!URL.canParse(origin) || new URL(origin).host !== headers.host?.toLowerCase())
    throw forbidden("expected a request from this server's own page, got one of another Origin")
}

function forbidden(message: string): HttpError {
  return new HttpError(403, 'invalid_argument', message)
}

/** The Host header without its port, lower case; an IPv6 address without its brackets. */
function hostNameOf(header: string | undefined): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header ?? '')
  return (match?.[1] ?? match?.[2] ?? header ?? '').toLowerCase()
}

function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isIP(host) !== 0
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
