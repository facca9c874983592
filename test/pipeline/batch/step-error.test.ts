import { expect, test } from 'vitest'
import { toStepError } from '../../../src/pipeline/batch/step-error.ts'

const place = { pipeline: 'p', step: 'index', stream: 'in', shard: 0 }

test.each([
  'Connection terminated unexpectedly',
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
])('a lost connection is no record’s fault: %s', (message) => {
  expect(toStepError(new Error(message), place, [])).toMatchObject({
    code: 'database_unavailable',
    retryable: true,
    details: { step: 'index' },
  })
})

test('an error that only quotes such words is the step’s own', () => {
  const error = new Error('cannot parse "Connection terminated unexpectedly"')
  expect(toStepError(error, place, [])).toMatchObject({ code: 'step_failed', retryable: false })
})
