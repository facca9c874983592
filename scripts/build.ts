import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs'
import { extname, join } from 'node:path'

/**
 * Builds dist/, which mirrors the repository: the compiled sources, the migrations and the page, in the places
 * where the sources look for them.
 */
const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })

const compiler = join(root, 'node_modules/typescript/bin/tsc')
const { status, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (error) throw error
if (status !== 0) process.exit(1)

cpSync(join(root, 'migrations'), join(dist, 'migrations'), { recursive: true })
cpSync(join(root, 'src/web'), join(dist, 'src/web'), {
  recursive: true,
  filter: (source) => extname(source) !== '.ts',
})

const bin = join(dist, 'src/cli/bin.js')
if (!existsSync(bin)) {
  console.error(
    `build: expected the compiler to write ${bin}, found nothing: see tsconfig.build.json`,
  )
  process.exit(1)
}
chmodSync(bin, 0o755)
