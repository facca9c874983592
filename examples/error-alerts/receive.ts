import { createServer } from 'node:http'

// A webhook's receiver for trying things out: prints what it is told, until it is stopped.
createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString()
  })
  request.on('end', () => {
    console.log(`${request.headers['idempotency-key']} ${body}`)
    response.end()
  })
}).listen(8099, '127.0.0.1')
