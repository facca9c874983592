import { z } from 'zod'
import { validate } from '../base/validate.ts'

const mebibyte = 1024 * 1024

export const serverDefaults = {
  otlpStream: 'logs',
  maxBodyBytes: 16 * mebibyte,
  maxDecodedBytes: 64 * mebibyte,
  maxRecords: 250_000,
  maxInFlightBytes: 64 * mebibyte,
  maxAsks: 16,
  heartbeatMs: 15_000,
  stopTimeoutMs: 10_000,
} as const satisfies Record<string, string | number>

const positive = z.number().int().positive()

const serverOptionsSchema = z
  .strictObject({
    host: z.string().min(1),
    /** 0 takes any free port. */
    port: z.number().int().min(0).max(65_535),
    /** The stream of what comes in at /v1/logs. Default `logs`. */
    otlpStream: z.string().min(1).default(serverDefaults.otlpStream),
    /** Names, beside `localhost` and addresses, that the Host header may have while the server listens on loopback. */
    allowedHosts: z.array(z.string().min(1)).default([]),
    /** A request's body as it is sent. Default 16 MiB. */
    maxBodyBytes: positive.default(serverDefaults.maxBodyBytes),
    /** A request's body once it is decompressed. Default 64 MiB. */
    maxDecodedBytes: positive.default(serverDefaults.maxDecodedBytes),
    /** Records of one request. Default 250,000. */
    maxRecords: positive.default(serverDefaults.maxRecords),
    /** Bodies of all requests under way, decompressed. Default 64 MiB. */
    maxInFlightBytes: positive.default(serverDefaults.maxInFlightBytes),
    /** Questions being answered at the same time. Default 16. */
    maxAsks: positive.default(serverDefaults.maxAsks),
    /** How often a silent event stream shows that it lives. Default 15,000. */
    heartbeatMs: positive.default(serverDefaults.heartbeatMs),
    /** How long `stop` waits for requests under way. Default 10,000. */
    stopTimeoutMs: z.number().int().min(0).default(serverDefaults.stopTimeoutMs),
  })
  .refine(
    (options) => options.maxDecodedBytes <= options.maxInFlightBytes,
    'expected maxInFlightBytes to be at least maxDecodedBytes, or such a body never has room',
  )

export type ServerOptions = z.input<typeof serverOptionsSchema>
export type ResolvedServerOptions = z.output<typeof serverOptionsSchema>

/** Checks the options and fills in the defaults. Fails with `invalid_argument`. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  return validate(serverOptionsSchema, options, 'server options')
}
