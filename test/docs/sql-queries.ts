import { readFile } from 'node:fs/promises'

export interface DocQuery {
  /** As its heading has it, with the number; a heading's second query says so. */
  title: string
  text: string
}

const file = new URL('../../docs/sql.md', import.meta.url)

/** The queries of docs/sql.md that stand below a numbered heading, in their order. */
export async function readSqlQueries(): Promise<DocQuery[]> {
  const doc = await readFile(file, 'utf8')
  return [...doc.matchAll(/^### (\d+\. .+)\n([\s\S]+?)(?=^##)/gm)].flatMap(
    ([, title = '', section = '']) =>
      blocksOf(section).map((text, index) => ({
        title: index === 0 ? title : `${title} (second query)`,
        text,
      })),
  )
}

/** The statements of docs/sql.md below "Append": an append, and what makes a trigger append. */
export async function readAppendExamples(): Promise<{ append: string; trigger: string }> {
  const doc = await readFile(file, 'utf8')
  const section = /^## Append\n([\s\S]+?)(?=^## )/m.exec(doc)?.[1] ?? ''
  const [append = '', trigger = ''] = blocksOf(section)
  return { append, trigger }
}

function blocksOf(section: string): string[] {
  return [...section.matchAll(/```sql\n([\s\S]+?)```/g)].map(([, text = '']) => text)
}
