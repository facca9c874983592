import { BlockList, isIP } from 'node:net'
import type { LeafTest } from './matchers.ts'

/** Compiles an address block as `10.0.0.0/24` or `2001:db8::/32`; undefined when it is none. */
export function compileCidr(block: unknown): LeafTest | undefined {
  if (typeof block !== 'string') return undefined
  const [, address = '', bits = ''] = /^([\d.a-fA-F:]+)\/(\d{1,3})$/.exec(block) ?? []
  const version = isIP(address)
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return undefined
  const blocks = new BlockList()
  blocks.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6')
  return (leaf) => {
    if (typeof leaf !== 'string') return false
    const family = isIP(leaf)
    // The other family is never inside; Node would take ::ffff:10.0.0.1 for 10.0.0.1.
    return family === version && blocks.check(leaf, family === 4 ? 'ipv4' : 'ipv6')
  }
}
