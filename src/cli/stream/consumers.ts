import { type Command, Option } from 'commander'
import { deregisterConsumer } from '../../log/deregister-consumer.ts'
import { listConsumers } from '../../log/list-consumers.ts'
import { registerConsumer } from '../../log/register-consumer.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'

interface ConsumersOptions {
  register?: string
  deregister?: string
  json?: boolean
}

export function registerConsumers(stream: Command): void {
  stream
    .command('consumers <name>')
    .description('list the registered consumers of a stream, whose reads are not limited')
    .addOption(
      new Option('--register <consumer>', 'register one first, at most 20').conflicts('deregister'),
    )
    .option('--deregister <consumer>', 'deregister one first')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace stream consumers logs
  millrace stream consumers logs --register billing`,
    )
    .action((name: string, options: ConsumersOptions) =>
      withSession(async ({ pool }) => {
        const { register, deregister } = options
        if (register !== undefined)
          await registerConsumer({ pool }, { stream: name, consumer: register })
        if (deregister !== undefined)
          await deregisterConsumer({ pool }, { stream: name, consumer: deregister })
        const consumers = await listConsumers({ pool }, name)
        if (options.json) console.log(toJson(consumers))
        else if (consumers.length === 0) console.log(`stream ${name} has no registered consumers`)
        else
          for (const consumer of consumers)
            console.log(`${consumer.name}\tsince ${consumer.createdAt.toISOString()}`)
      }),
    )
}
