#!/usr/bin/env node
// Checks the runtime before anything is imported that an older Node could not even parse.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `millrace: expected Node.js 22.18 or newer, got ${process.versions.node}; install a newer one (https://nodejs.org)`,
  )
  process.exitCode = 2
} else {
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv)
}
