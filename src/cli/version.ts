import { readFileSync } from 'node:fs'

/** This package's version. */
export function readVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (manifest.name === 'millrace') return manifest.version
    } catch {
      // Not there: the source and the build lie at different depths.
    }
  }
  return 'unknown'
}
