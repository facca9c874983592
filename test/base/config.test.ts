import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/base/config.ts'

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      databaseUrl: undefined,
      host: '127.0.0.1',
      port: 4318,
      eventRetentionHours: 720,
      concurrency: 4,
      answerModel: undefined,
      embeddingModel: undefined,
    })
  })

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(
      ['DATABASE_URL', 'MILLRACE_PORT', 'OPENAI_API_KEY', 'OPENAI_EMBEDDING_DIMENSIONS'].map(
        (name) => [name, ' '],
      ),
    )
    expect(loadConfig(empty)).toEqual(loadConfig({}))
  })

  it('uses an answering model when a key or a server is named, and an embedding model only when it is named too', () => {
    expect(
      loadConfig({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', OPENAI_MODEL: 'm' }),
    ).toMatchObject({
      answerModel: { model: 'm', baseUrl: 'http://127.0.0.1:11434/v1' },
      embeddingModel: undefined,
    })
    expect(
      loadConfig({
        OPENAI_API_KEY: 'k',
        OPENAI_EMBEDDING_MODEL: 'e',
        OPENAI_EMBEDDING_DIMENSIONS: '256',
      }).embeddingModel,
    ).toMatchObject({ model: 'e', dimensions: 256 })
  })

  it.each([
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL: expected a URL that starts with postgres/],
    [{ MILLRACE_PORT: '99999' }, /MILLRACE_PORT/],
    [{ MILLRACE_LOG_LEVEL: 'loud' }, /MILLRACE_LOG_LEVEL/],
    [{ OPENAI_BASE_URL: 'localhost' }, /OPENAI_BASE_URL: expected a URL such as/],
    [{ OPENAI_EMBEDDING_MODEL: 'e' }, /needs OPENAI_API_KEY, or OPENAI_BASE_URL/],
  ])('names the variable that is wrong: %j', (environment, message) => {
    expect(() => loadConfig(environment)).toThrow(message)
  })
})
