// `npm run eval -- patterns DIR [--json] [--verbose]`: grouping accuracy of the patterns against labelled logs.
//
// DIR has Loghub's layout: a folder a system (or DIR is one), in it `<System>_2k.log` (or `_full.log`) and the same name
// with `_structured.csv`, whose columns LineId, Content, EventId and EventTemplate are read.
//
// Every line takes the product's own path: parseRecord, redactEvent, maskBody, and the pattern matcher on a database:
// the embedded one, or the server of DATABASE_URL, where a database is made and dropped.
//
// What is a group: a pattern has a service and a severity, the labels know templates only. So the first number groups
// lines by their pattern's template alone, made as general as the matcher makes it when it must (the template itself shows
// what the lines of its service and severity have had in common so far); "by id" groups them by the pattern itself: a statement that several services
// log is then several groups, each counted wrong. "Content" gives the matcher the labelled file's message instead of the
// raw line: what papers about parsers do, and so a comparison with them; it leaves reading the header out.
import type { Command } from 'commander'
import { renderTable } from '../support/table.ts'
import { evalDatabase } from './eval-database.ts'
import { groupLines } from './patterns/group-lines.ts'
import { type LabelledLog, readLabelledLogs } from './patterns/labelled-logs.ts'
import { type GroupScore, scoreGroups } from './patterns/score-groups.ts'

const worstShown = 10

interface SystemScore {
  system: string
  lines: number
  template: GroupScore
  id: GroupScore
  content: GroupScore
}

export function addPatterns(program: Command): void {
  program
    .command('patterns')
    .description('Says how well lines are grouped, against labelled logs of Loghub’s layout.')
    .argument('<dir>', 'folder with a folder a system, or the folder of one system')
    .option('--json', 'print JSON')
    .option('--verbose', 'print the largest groups that are wrong, with their text')
    .action(async (dir: string, options: { json?: true; verbose?: true }) => {
      const logs = await readLabelledLogs(dir)
      await using db = await evalDatabase()
      const scores: SystemScore[] = []
      for (const log of logs) scores.push(await scoreSystem(db, log))
      console.log(options.json ? JSON.stringify(toJson(scores), null, 2) : render(scores))
      if (options.verbose && !options.json) for (const score of scores) printWorst(score)
    })
}

async function scoreSystem(
  db: Parameters<typeof groupLines>[0],
  { system, lines }: LabelledLog,
): Promise<SystemScore> {
  const labels = lines.map((line) => line.eventId)
  const raw = await groupLines(db, lines, { from: 'raw' })
  const content = await groupLines(db, lines, { from: 'content' })
  return {
    system,
    lines: lines.length,
    template: scoreGroups(raw.templates, labels),
    id: scoreGroups(raw.ids, labels),
    content: scoreGroups(content.templates, labels),
  }
}

function render(scores: readonly SystemScore[]): string {
  const fixed = (value: number) => value.toFixed(3)
  const rows = scores.map(({ system, template, id, content }) => [
    system,
    ...[template.accuracy, template.f1, id.accuracy, content.accuracy, content.f1].map(fixed),
    template.groups,
    id.groups,
    template.labels,
  ])
  const mean = (of: (score: SystemScore) => number) => fixed(meanOf(scores.map(of)))
  rows.push([
    'mean',
    mean((score) => score.template.accuracy),
    mean((score) => score.template.f1),
    mean((score) => score.id.accuracy),
    mean((score) => score.content.accuracy),
    mean((score) => score.content.f1),
    '',
    '',
    '',
  ])
  return renderTable({
    title: 'Grouping accuracy (GA) and F1 of the groups (FGA)',
    columns: [
      'system',
      'GA',
      'FGA',
      'GA by id',
      'GA of Content',
      'FGA of Content',
      'groups',
      'patterns',
      'labels',
    ],
    rows,
  })
}

function printWorst({ system, template }: SystemScore): void {
  for (const { label, lines, found } of template.wrong.slice(0, worstShown)) {
    console.log(`\n${system} ${label}: ${lines} lines in ${found.length} groups`)
    for (const part of found.slice(0, 5)) console.log(`  ${part.lines}/${part.of}  ${part.group}`)
  }
}

function toJson(scores: readonly SystemScore[]) {
  const numbers = ({ accuracy, f1, groups }: GroupScore) => ({ accuracy, f1, groups })
  const systems = scores.map(({ system, lines, template, id, content }) => ({
    system,
    lines,
    labels: template.labels,
    template: numbers(template),
    id: numbers(id),
    content: numbers(content),
  }))
  const mean = (of: (score: SystemScore) => GroupScore) => ({
    accuracy: meanOf(scores.map((score) => of(score).accuracy)),
    f1: meanOf(scores.map((score) => of(score).f1)),
  })
  return {
    systems,
    mean: {
      template: mean((score) => score.template),
      id: mean((score) => score.id),
      content: mean((score) => score.content),
    },
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
