import { z } from 'zod'

export const maxTags = 50

const tagKey = z
  .string()
  .regex(
    /^(?!aws:)[\p{L}\p{N} _.:/=+\-@]{1,128}$/u,
    'expected a tag key of 1-128 letters, digits, spaces or any of _.:/=+-@ that does not begin with "aws:"',
  )
const tagValue = z
  .string()
  .regex(
    /^[\p{L}\p{N} _.:/=+\-@]{0,256}$/u,
    'expected a tag value of at most 256 letters, digits, spaces or any of _.:/=+-@',
  )

/** Up to 50 tags, with Amazon Kinesis' rules for keys and values. */
export const tagsSchema = z
  .record(tagKey, tagValue)
  .refine((tags) => Object.keys(tags).length <= maxTags, `expected at most ${maxTags} tags`)
