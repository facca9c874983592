import { readFile } from 'node:fs/promises'

const file = new URL('../../docs/pipelines.md', import.meta.url)

export interface PrintedCommand {
  /** Without `millrace`. */
  args: string[]
  prints: string
}

/** The code of docs/pipelines.md, in its order: definitions, statements, and commands with what they print. */
export async function readPipelineBlocks() {
  const doc = await readFile(file, 'utf8')
  return {
    definitions: blocksOf(doc, 'ts'),
    queries: blocksOf(doc, 'sql'),
    commands: blocksOf(doc, 'console').flatMap(commandsOf),
  }
}

function blocksOf(doc: string, language: string): string[] {
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]+?)^\`\`\``, 'gm')
  return [...doc.matchAll(block)].map(([, text = '']) => text)
}

function commandsOf(block: string): PrintedCommand[] {
  return [...block.matchAll(/^\$ millrace (.+)\n((?:(?!\$ ).*\n)*)/gm)].map(
    ([, args = '', prints = '']) => ({ args: args.split(' '), prints }),
  )
}

/** What a command printed, without what differs: numbers, how columns are set apart, and a long line's breaks (4 spaces). */
export function withoutNumbers(text: string): string {
  return text
    .replaceAll(/\d+(\.\d+)?/g, '0')
    .replaceAll(/\n {4}/g, ' ')
    .replaceAll(/[^\S\n]+/g, ' ')
    .trim()
}
