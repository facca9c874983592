const kinds = '(?:micro-?service|service|svc|daemon|deployment|container|pod)'

/**
 * Names that a question says are services, and that no known service has: "the loyalty-points service", "pod search-9". Only
 * those that cannot be ordinary words; `taken` are the parts of the question that known services account for.
 */
export function findUnknownServices(
  text: string,
  known: { services: readonly string[]; taken: readonly { index: number; end: number }[] },
): string[] {
  const found = new Set<string>()
  for (const pattern of [
    new RegExp(String.raw`(?<![\w/.-])([\p{L}][\w.-]*[\w])\s+${kinds}\b`, 'giu'),
    new RegExp(String.raw`\b${kinds}\s+["'“]?([\p{L}][\w.-]*[\w])`, 'giu'),
  ])
    for (const match of text.matchAll(pattern)) {
      const name = match[1] ?? ''
      const index = match.index + match[0].indexOf(name)
      const isTaken = known.taken.some(
        (place) => index < place.end && index + name.length > place.index,
      )
      const isKnown = known.services.some((service) => service.toLowerCase() === name.toLowerCase())
      if (isServiceName(name) && !isTaken && !isKnown) found.add(name)
    }
  return [...found]
}

/** As deployments are called: lower case, of several parts; not "re-created", which is what happened to one. */
function isServiceName(name: string): boolean {
  return (
    /^[a-z][a-z\d]*(?:[-_.][a-z\d]+)+$/.test(name) &&
    !/^(?:re|un|pre|auto|self|non|well|long|short)-\w+(?:ed|ing)$/.test(name)
  )
}
