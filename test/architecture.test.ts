import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

/** One file: its path in the repository, with forward slashes, and its text. */
interface Source {
  path: string
  text: string
}

interface Import {
  from: string
  to: string
  /** `import type`, which leaves nothing at run time. */
  isType: boolean
}

type Rule = (sources: readonly Source[]) => string[]

/** From the ground up. A folder imports from lower floors only; of floors with the same number, from none but itself. */
const floors: Readonly<Record<string, number>> = {
  base: 0,
  db: 1,
  log: 2,
  embed: 2,
  knowledge: 2,
  pipeline: 3,
  query: 4,
  server: 5,
  web: 6,
  cli: 7,
}
const maximumLines = 500

/** Types, not values, that knowledge takes from beside it: who embeds for it, and what its evidence points to. */
const sharedTypes = ['src/embed/embedder.ts', 'src/log/citation.ts']

const root = join(import.meta.dirname, '..')
const sources = ['src', 'test', 'examples', 'scripts', 'bench'].flatMap(readSources)

function readSources(folder: string): Source[] {
  return readdirSync(root)
    .filter((name) => name === folder)
    .flatMap((name) => readdirSync(join(root, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .filter((entry) => !entry.parentPath.includes('node_modules'))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      const path = relative(root, file).split(sep).join('/')
      return { path, text: readFileSync(file, 'utf8') }
    })
}

const isInside = (folder: string) => (source: Source) => source.path.startsWith(`${folder}/`)

/** The code without its comments, so that a rule does not trip over prose. */
function withoutComments(text: string): string {
  const token = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(token, (_match, quoted: string | undefined) => quoted ?? '')
}

function importsOf({ path, text }: Source): Import[] {
  const declared =
    /^(?:import|export)\s+(type\s)?(?:[^'"\n;]|\n(?!import|export))*?from\s+'([^']+)'/gm
  const bare = /^import\s+()'([^']+)'|\bimport\(\s*()'([^']+)'/gm
  const code = withoutComments(text)
  return [...code.matchAll(declared), ...code.matchAll(bare)].flatMap((match) => {
    const specifier = match[2] ?? match[4] ?? ''
    if (!specifier.startsWith('.')) return []
    const to = posix.join(posix.dirname(path), specifier)
    return [{ from: path, to, isType: Boolean(match[1]) }]
  })
}

const folderOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1]

/** What is wrong with one import, if anything. */
function wrongDirection({ from, to, isType }: Import): string | undefined {
  if (from === 'src/index.ts') return undefined
  if (to === 'src/index.ts') return 'src/index.ts is the public surface: nothing inside imports it'
  const [lower, upper] = [folderOf(to), folderOf(from)]
  if (upper === undefined) return 'a file of src lives on a floor'
  if (lower === undefined) {
    if (to.startsWith('examples/') && upper === 'cli') return undefined
    return 'src imports nothing from outside, but for cli, which shows the examples'
  }
  const [low, high] = [floors[lower], floors[upper]]
  if (low === undefined || high === undefined) return 'every folder of src is a floor'
  if (lower === upper) return undefined
  if (upper === 'query' && lower === 'pipeline') return 'query never imports pipeline'
  if (low < high) return undefined
  if (upper === 'knowledge' && isType && sharedTypes.includes(to)) return undefined
  if (low === high) return `${upper} and ${lower} do not know one another's insides`
  return `${upper} imports only from the floors below it`
}

const directions: Rule = (all) =>
  all
    .filter(isInside('src'))
    .flatMap(importsOf)
    .flatMap((edge) => {
      const reason = wrongDirection(edge)
      return reason === undefined ? [] : [`${edge.from} imports ${edge.to}: ${reason}`]
    })

/** Circles of value imports, each named once, by its files in order. */
const circles: Rule = (all) => {
  const graph = new Map(
    all.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ isType }) => !isType)
        .map(({ to }) => to),
    ]),
  )
  const found: string[] = []
  const finished = new Set<string>()
  const visit = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path)
    if (start !== -1) {
      found.push(`${[...way.slice(start), path].join(' -> ')}: no circles among value imports`)
      return
    }
    if (finished.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...way, path])
    finished.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

const lengths: Rule = (all) =>
  all.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    if (lines <= maximumLines) return []
    return [`${path} has ${lines} lines: no file is longer than ${maximumLines}`]
  })

const names: Rule = (all) =>
  all.flatMap(({ path }) => {
    const name = posix.basename(path)
    if (/^(utils?|helpers?|common)\./.test(name)) {
      return [`${path}: a file is named for what it exports, never utils, helpers or common`]
    }
    if (/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/.test(name)) return []
    return [`${path}: file names are kebab-case`]
  })

const barrels: Rule = (all) =>
  all.filter(isInside('src')).flatMap(({ path, text }) => {
    if (path === 'src/index.ts') return []
    if (path.endsWith('/index.ts'))
      return [`${path}: no barrels inside, src/index.ts is the only one`]
    if (!/^export \*/m.test(text)) return []
    return [`${path}: no barrels inside, "export *" belongs to src/index.ts`]
  })

/** A rule that some text may not occur in the code of some files. */
function forbids(pattern: RegExp, isExempt: (path: string) => boolean, reason: string): Rule {
  return (all) =>
    all
      .filter(isInside('src'))
      .filter(({ path, text }) => !isExempt(path) && pattern.test(withoutComments(text)))
      .map(({ path }) => `${path}: ${reason}`)
}

const consoles = forbids(
  /\bconsole\s*\./,
  (path) => path.startsWith('src/cli/'),
  'console is only in src/cli',
)
const environments = forbids(
  /\bprocess\s*\.\s*env\b|\benv\b[^\n]*from 'node:process'/,
  (path) => path === 'src/base/config.ts',
  'process.env is only in src/base/config.ts',
)

describe('the sources', () => {
  test('are found', () => {
    expect(sources.map(({ path }) => path)).toContain('src/base/errors.ts')
    expect(sources.filter(isInside('src')).flatMap(importsOf).length).toBeGreaterThan(10)
  })
  test('import down the floors only', () => expect(directions(sources)).toEqual([]))
  test('have no circles', () => expect(circles(sources)).toEqual([]))
  test('have no file of more than 500 lines', () => expect(lengths(sources)).toEqual([]))
  test('have kebab-case names that say what a file is', () => expect(names(sources)).toEqual([]))
  test('have no inner barrels', () => expect(barrels(sources)).toEqual([]))
  test('have console in src/cli only', () => expect(consoles(sources)).toEqual([]))
  test('read process.env in config only', () => expect(environments(sources)).toEqual([]))
})

describe('the checkers catch', () => {
  const file = (path: string, text = ''): Source => ({ path, text })

  test.each([
    ['a floor above', 'src/db/pool.ts', '../log/put-records.ts', 'db imports only'],
    ['a sibling', 'src/embed/cache.ts', '../log/sequence.ts', 'embed and log do not know'],
    ['pipeline, from query', 'src/query/plan.ts', '../pipeline/lease.ts', 'query never imports'],
    ['the public surface', 'src/server/app.ts', '../index.ts', 'nothing inside imports it'],
    ['an example, from below cli', 'src/server/app.ts', '../../examples/x.ts', 'from outside'],
    ['a folder that is no floor', 'src/misc/x.ts', '../base/errors.ts', 'is a floor'],
  ])('an import of %s', (_what, path, specifier, reason) => {
    for (const text of [
      `import { x } from '${specifier}'`,
      `import {\n  type X,\n  y,\n} from '${specifier}'`,
      `import type { X } from '${specifier}'`,
      `export { x } from '${specifier}'`,
      `import '${specifier}'`,
      `const x = await import('${specifier}')`,
    ]) {
      const found = directions([file(path, text)])
      expect(found).toHaveLength(1)
      expect(found[0]).toContain(path)
      expect(found[0]).toContain(reason)
    }
  })

  test('nothing in imports that are allowed', () => {
    const allowed = [
      file('src/pipeline/worker.ts', "import { x } from '../log/read-records.ts'"),
      file('src/query/ask.ts', "import { x } from '../knowledge/search.ts'\nimport pg from 'pg'"),
      file('src/knowledge/embed-patterns.ts', "import type { E } from '../embed/embedder.ts'"),
      file('src/cli/demo.ts', "import { x } from '../../examples/incident/generate.ts'"),
      file('src/index.ts', "export { x } from './cli/bin.ts'"),
      file('src/db/pool.ts', "// import { x } from '../log/x.ts'\n/* console.log(process.env) */"),
    ]
    expect(
      [directions, circles, barrels, consoles, environments].flatMap((rule) => rule(allowed)),
    ).toEqual([])
  })

  test('a value import by knowledge of what it may take the type of', () => {
    const text = "import { e } from '../embed/embedder.ts'"
    expect(directions([file('src/knowledge/x.ts', text)])).toHaveLength(1)
  })

  test('a circle of three files, once; a circle of types is none', () => {
    const circle = (kind: string) => [
      file('src/log/a.ts', `${kind} { b } from './b.ts'`),
      file('src/log/b.ts', `${kind} { c } from './c.ts'`),
      file('src/log/c.ts', `${kind} { a } from './a.ts'`),
    ]
    expect(circles(circle('import'))).toEqual([
      'src/log/a.ts -> src/log/b.ts -> src/log/c.ts -> src/log/a.ts: no circles among value imports',
    ])
    expect(circles(circle('import type'))).toEqual([])
  })

  test('a file of 501 lines, not one of 500', () => {
    expect(lengths([file('test/x.test.ts', 'a\n'.repeat(501))])).toHaveLength(1)
    expect(lengths([file('test/x.test.ts', 'a\n'.repeat(500))])).toEqual([])
  })

  test('names that are not kebab-case, or say nothing', () => {
    expect(names([file('src/log/putRecords.ts'), file('src/log/utils.ts')])).toHaveLength(2)
  })

  test('an inner barrel, and a star export', () => {
    expect(barrels([file('src/log/index.ts')])).toHaveLength(1)
    expect(barrels([file('src/log/x.ts', "export * from './y.ts'")])).toHaveLength(1)
  })

  test('console and process.env, where they do not belong', () => {
    expect(consoles([file('src/log/x.ts', "console.log('x')")])).toHaveLength(1)
    expect(consoles([file('src/cli/x.ts', "console.log('x')")])).toEqual([])
    expect(environments([file('src/log/x.ts', 'process.env.HOME')])).toHaveLength(1)
    expect(environments([file('src/log/x.ts', "import { env } from 'node:process'")])).toHaveLength(
      1,
    )
  })
})
