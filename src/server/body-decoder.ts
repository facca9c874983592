import { PassThrough, type Transform } from 'node:stream'
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { HttpError } from './http-error.ts'

const chunkSize = 64 * 1024

const decoders: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: () => createGunzip({ chunkSize }),
  'x-gzip': () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
  zstd: () => createZstdDecompress({ chunkSize }),
}

/** The decoder of a Content-Encoding; none means identity. Fails with status 415 on any other. */
export function createBodyDecoder(contentEncoding: string | undefined): Transform {
  const encoding = (contentEncoding ?? '').trim().toLowerCase() || 'identity'
  const create = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (create) return create()
  throw new HttpError(
    415,
    'invalid_argument',
    `expected the Content-Encoding gzip, deflate, zstd or none, got "${encoding.slice(0, 80)}"`,
    { headers: { 'accept-encoding': 'gzip, deflate, zstd' } },
  )
}
