import { describe, expect, it } from 'vitest'
import { addTags } from '../../src/log/add-tags.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { deregisterConsumer } from '../../src/log/deregister-consumer.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { describeConsumer, listConsumers } from '../../src/log/list-consumers.ts'
import { registerConsumer } from '../../src/log/register-consumer.ts'
import { removeTags } from '../../src/log/remove-tags.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()

describe('registered consumers', () => {
  it('are registered once, at most 20 a stream, listed by name, and deregistered', async () => {
    await createStream(db, { name: 'consumed' })
    const names = Array.from({ length: 20 }, (_, index) => `c${String(index).padStart(2, '0')}`)
    for (const consumer of names) await registerConsumer(db, { stream: 'consumed', consumer })
    expect((await listConsumers(db, 'consumed')).map(({ name }) => name)).toEqual(names)
    const register = (consumer: string) => registerConsumer(db, { stream: 'consumed', consumer })
    await expect(register('c00')).rejects.toMatchObject({ code: 'already_exists' })
    await expect(register('c20')).rejects.toMatchObject({
      code: 'limit_exceeded',
      details: { limit: 20 },
    })
    await deregisterConsumer(db, { stream: 'consumed', consumer: 'c00' })
    await register('c20')
    const one = { stream: 'consumed', consumer: 'c00' }
    await expect(describeConsumer(db, one)).rejects.toMatchObject({ code: 'not_found' })
    await expect(deregisterConsumer(db, one)).rejects.toMatchObject({ code: 'not_found' })
    expect(await describeConsumer(db, { ...one, consumer: 'c20' })).toEqual({
      name: 'c20',
      createdAt: expect.any(Date),
    })
    await expect(register('no spaces')).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(listConsumers(db, 'nowhere')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('keep their stream from being deleted, unless that is enforced', async () => {
    await createStream(db, { name: 'kept' })
    await registerConsumer(db, { stream: 'kept', consumer: 'c' })
    await expect(deleteStream(db, 'kept')).rejects.toMatchObject({ code: 'resource_in_use' })
    expect(await describeStream(db, 'kept')).toMatchObject({ status: 'active' })
    await deleteStream(db, 'kept', { enforceConsumerDeletion: true })
    await expect(describeStream(db, 'kept')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('tags', () => {
  it('are added, changed and removed, at most 50 a stream', async () => {
    await createStream(db, { name: 'tagged', tags: { team: 'payments', env: 'prod' } })
    await addTags(db, { stream: 'tagged', tags: { env: 'test', 'cost center': '7' } })
    const tags = async () => (await describeStream(db, 'tagged')).tags
    expect(await tags()).toEqual({ team: 'payments', env: 'test', 'cost center': '7' })
    await removeTags(db, { stream: 'tagged', keys: ['team', 'unknown'] })
    expect(await tags()).toEqual({ env: 'test', 'cost center': '7' })
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`k${index}`, '']))
    await expect(addTags(db, { stream: 'tagged', tags: many })).rejects.toMatchObject({
      code: 'limit_exceeded',
      details: { limit: 50 },
    })
    for (const bad of [
      { 'aws:x': '1' },
      { '': '1' },
      { ['k'.repeat(129)]: '1' },
      { k: 'v'.repeat(257) },
      { 'k"': '1' },
    ])
      await expect(
        addTags(db, { stream: 'tagged', tags: bad as Record<string, string> }),
      ).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(addTags(db, { stream: 'nowhere', tags: { a: '1' } })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(removeTags(db, { stream: 'nowhere', keys: ['a'] })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
