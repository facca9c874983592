import { InvalidArgumentError } from 'commander'

/** Reads a whole number for commander. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number.')
  return Number(text)
}

/** Reads a sequence number or a hash key for commander: both are larger than a `number` can hold. */
export function wholeBigint(text: string): bigint {
  if (!/^\d{1,39}$/.test(text))
    throw new InvalidArgumentError('expected a whole number of at most 39 digits.')
  return BigInt(text)
}
