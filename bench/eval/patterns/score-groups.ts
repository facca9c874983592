export interface WrongGroup {
  /** The label whose lines were not found as one group. */
  label: string
  lines: number
  /** The groups that have lines of it, and how many lines of it and in all, the largest first. */
  found: { group: string; lines: number; of: number }[]
}

export interface GroupScore {
  /** Grouping accuracy: the share of lines whose group is exactly the set of lines of their label. */
  accuracy: number
  /** F1 of the groups: a group counts whether it has one line or a thousand. */
  f1: number
  groups: number
  labels: number
  wrong: WrongGroup[]
}

/** Compares two ways to part the same lines: what was found, and what the labels say. */
export function scoreGroups(found: readonly string[], labels: readonly string[]): GroupScore {
  const groupSizes = countOf(found)
  const byLabel = new Map<string, Map<string, number>>()
  for (const [index, label] of labels.entries()) {
    const group = found[index] ?? ''
    const groups = byLabel.get(label) ?? new Map<string, number>()
    byLabel.set(label, groups.set(group, (groups.get(group) ?? 0) + 1))
  }
  let rightLines = 0
  let rightGroups = 0
  const wrong: WrongGroup[] = []
  for (const [label, groups] of byLabel) {
    const lines = [...groups.values()].reduce((sum, count) => sum + count, 0)
    const [only] = groups.keys()
    if (groups.size === 1 && groupSizes.get(only ?? '') === lines) {
      rightLines += lines
      rightGroups += 1
      continue
    }
    const parts = [...groups].map(([group, count]) => ({
      group,
      lines: count,
      of: groupSizes.get(group) ?? count,
    }))
    wrong.push({ label, lines, found: parts.sort((a, b) => b.lines - a.lines) })
  }
  return {
    accuracy: labels.length === 0 ? 0 : rightLines / labels.length,
    f1: labels.length === 0 ? 0 : (2 * rightGroups) / (groupSizes.size + byLabel.size),
    groups: groupSizes.size,
    labels: byLabel.size,
    wrong: wrong.sort((a, b) => b.lines - a.lines),
  }
}

function countOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
