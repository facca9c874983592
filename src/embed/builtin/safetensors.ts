import { z } from 'zod'
import { MillraceError } from '../../base/errors.ts'
import { validate } from '../../base/validate.ts'

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
})
const headerSchema = z.record(z.string(), z.unknown())

export interface StoredTensor {
  /** As safetensors names it: `F16`, `F32`, `I64`, ... */
  type: string
  shape: readonly number[]
  /** Little-endian, row-major; a view on the file's bytes. */
  data: Uint8Array
}

/** Reads a safetensors file that is in memory; the result finds a tensor by its name, or fails. */
export function readSafetensors(file: Buffer): (name: string) => StoredTensor {
  const headerEnd = 8 + Number(file.readBigUInt64LE(0))
  const header = validate(
    headerSchema,
    JSON.parse(file.toString('utf8', 8, headerEnd)),
    'safetensors header',
  )
  return (name) => {
    const found = header[name]
    if (found === undefined)
      throw new MillraceError('internal', `expected a tensor "${name}" among the model's weights`)
    const { dtype, shape, data_offsets } = validate(entrySchema, found, `tensor "${name}"`)
    const [start, end] = data_offsets
    return { type: dtype, shape, data: file.subarray(headerEnd + start, headerEnd + end) }
  }
}
