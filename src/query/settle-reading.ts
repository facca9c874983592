import { countByWords } from '../knowledge/count-events.ts'
import type { SearchDeps } from '../knowledge/search.ts'
import type { Plan } from './plan.ts'

const countKinds: readonly Plan['kind'][] = ['count', 'top', 'trend']

/**
 * The reading of a question that lines bear out, where its words allow several: a service's name that is also a word
 * ("passwords for root") may be a filter or a word, a word may name a daemon ("ftp connections" are ftpd's). The plan as
 * it is goes first, and stays where no reading finds a line with all of its words.
 */
export async function settleReading(
  deps: Pick<SearchDeps, 'pool'>,
  plan: Plan,
  services: readonly string[],
): Promise<Plan> {
  const daemon = asDaemon(plan, services)
  if (!countKinds.includes(plan.kind)) {
    // Only where nothing at all says the word: a search weighs words, it does not ask for all of them.
    const isUnknown =
      daemon !== null &&
      (await countByWords(deps, { words: [daemon.word], filters: plan.filters })).length === 0
    return daemon && isUnknown ? daemon.plan : plan
  }
  const others = [asWords(plan), daemon?.plan ?? null].filter((other) => other !== null)
  if (others.length === 0) return plan
  for (const reading of [plan, ...others]) {
    const words = [...reading.words, ...reading.identifiers.map((value) => value.toLowerCase())]
    const groups = await countByWords(deps, { words, filters: reading.filters })
    if (groups.length > 0) return reading
  }
  return plan
}

/** With the names that could be any word as words; null where there is none such. */
function asWords(plan: Plan): Plan | null {
  const { plainServices, filters } = plan
  if (plainServices.length === 0) return null
  const services = filters.services.filter((name) => !plainServices.includes(name))
  const names = plainServices.map((name) => name.toLowerCase())
  return {
    ...plan,
    filters: { ...filters, services },
    words: [...new Set([...plan.words, ...names])],
    plainServices: [],
  }
}

/** With a word as the daemon that it names: "ssh" and sshd. */
function asDaemon(plan: Plan, services: readonly string[]): { plan: Plan; word: string } | null {
  if (plan.filters.services.length > 0) return null
  const known = new Map(services.map((name) => [name.toLowerCase(), name]))
  const word = plan.words.find((one) => one.length > 2 && known.has(`${one}d`))
  const service = word === undefined ? undefined : known.get(`${word}d`)
  if (word === undefined || service === undefined) return null
  const words = plan.words.filter((one) => one !== word)
  return { plan: { ...plan, filters: { ...plan.filters, services: [service] }, words }, word }
}
