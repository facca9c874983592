import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Setting } from './contender.ts'

const folder = new URL('./peers/', import.meta.url)

/**
 * Loads an npm package of bench/append/peers. They are no dependencies of Millrace, so their types may not be there:
 * the caller says what it uses of it.
 */
export function loadPeer<T>(name: string): T {
  return createRequire(new URL('package.json', folder))(name) as T
}

/** A file of an npm peer. */
export function peerFile(path: string): string {
  return fileURLToPath(new URL(`node_modules/${path}`, folder))
}

/** The installed version of an npm peer. Fails when it could not be installed. */
export async function peerVersion(name: string): Promise<string> {
  const text = await readFile(peerFile(`${name}/package.json`), 'utf8').catch(() => {
    throw new Error(`npm's ${name} could not be installed`)
  })
  return (JSON.parse(text) as { version: string }).version
}

/** Installs the npm peers when they are missing or older than their lock. A failure is noted, not thrown. */
export async function installPeers(setting: Pick<Setting, 'note' | 'signal'>): Promise<void> {
  const changedAt = (path: string) =>
    stat(new URL(path, folder)).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    )
  // npm writes this file last, so a half-made folder has none.
  const installed = await changedAt('node_modules/.package-lock.json')
  if (installed > (await changedAt('package-lock.json'))) return
  setting.note('append: npm ci of the peers, into bench/append/peers/node_modules')
  const prefix = fileURLToPath(folder)
  // Without their install scripts: leveldown, the only one that has some, brings its binary along.
  const args = ['ci', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund']
  await capture('npm', args, setting.signal).catch((error: Error) =>
    setting.note(`append: ${error.message}`),
  )
}

/** The folder with a peer's unpacked Debian packages, fetched once. Fails, with the script's words, where it cannot be had. */
export async function debianPeer(
  setting: Pick<Setting, 'note' | 'signal'>,
  name: string,
  packages: string[],
): Promise<string> {
  setting.note(`append: Debian's ${packages[0]}, fetched unless it is there`)
  const script = fileURLToPath(new URL('debian.sh', folder))
  const output = await capture('bash', [script, name, ...packages], setting.signal)
  return output.trim().split('\n').at(-1) ?? ''
}

/** A command's stdout; its failure says the last lines of its stderr. */
export async function capture(command: string, args: string[], signal: AbortSignal) {
  const child = spawn(command, args, { signal, stdio: ['ignore', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return Buffer.concat(out).toString()
  const words = Buffer.concat(err).toString().trim().split('\n').slice(-2).join(' ')
  throw new Error(`${command} ${args[0]} failed: ${words}`)
}
