import type { Random } from './random.ts'

/** Names, addresses and goods. Domains and networks are those reserved for documentation. */
const firstNames = ['anna', 'boris', 'chiara', 'deniz', 'emil', 'farah', 'greta', 'hugo'] as const
const lastNames = ['becker', 'costa', 'dahl', 'fischer', 'ito', 'novak', 'okafor', 'silva'] as const

export const skus = [
  'KETTLE-02',
  'LAMP-17',
  'MUG-BLUE',
  'RUG-140',
  'SHELF-OAK',
  'TEAPOT-1',
  'TRAY-33',
  'VASE-09',
] as const

export const userAgents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0 Safari/537.36',
  'shop-android/9.4.1',
] as const

export function email(random: Random): string {
  return `${random.pick(firstNames)}.${random.pick(lastNames)}${random.int(1, 99)}@example.com`
}

export function customer(random: Random): string {
  return `u-${random.int(10_000, 99_999)}`
}

export function clientIp(random: Random): string {
  return `${random.pick(['203.0.113', '198.51.100', '192.0.2'])}.${random.int(1, 254)}`
}

/** The numbers that card networks publish for tests. */
export const testCards = [
  '4242 4242 4242 4242',
  '5555 5555 5555 4444',
  '4000-0566-5566-5556',
] as const

/** A token of the right shape that no service would accept. */
export function bearerToken(random: Random): string {
  const header = Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')
  const claims = Buffer.from(`{"sub":"${customer(random)}","scope":"cart"}`).toString('base64url')
  return `${header}.${claims}.${Buffer.from(random.hex(48)).toString('base64url')}`
}
