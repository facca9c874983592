import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'

/** A made-up line and what it says: `= time severity service host [pod=.. namespace=.. trace=.. span=..] | body`. */
export interface Sample {
  line: string
  /** As it stands below the line; `arrival` for a line without a time, `-` for a name that it does not give. */
  expected: string
}

/** When the samples' records arrive. */
export const arrivedAt = new Date('2026-11-23T10:00:00Z')

/** The samples of every format: a file each, in which each line stands above what is expected of it. */
export async function loadSamples(): Promise<{ format: string; samples: Sample[] }[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.txt')).sort()
  return Promise.all(
    files.map(async (file) => {
      const lines = (await readFile(`${import.meta.dirname}/${file}`, 'utf8')).trimEnd().split('\n')
      const samples: Sample[] = []
      for (let at = 0; at < lines.length; at += 2)
        samples.push({ line: lines[at] ?? '', expected: lines[at + 1] ?? '' })
      return { format: basename(file, '.txt'), samples }
    }),
  )
}
