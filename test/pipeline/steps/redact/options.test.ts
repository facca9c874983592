import { expect, test } from 'vitest'
import { redactEvent } from '../../../../src/pipeline/steps/redact/redact-event.ts'
import { redactText } from '../../../../src/pipeline/steps/redact/redact-text.ts'
import { parse } from '../parse/parse-line.ts'

test.each([
  ['from 10.0.0.9 port 22', 'from <ip> port 22'],
  ['peer 2001:db8::ff00:42:8329 joined', 'peer <ip> joined'],
  ['at 10:00:00 version 1.2.3.4, mac 00:1b:44:11:3a:b7', null],
])('addresses are taken out by option: %s', (line, expected) => {
  expect(redactText(line).text).toBe(line)
  const { text } = redactText(line, { ips: true })
  expect(text.replaceAll(/:\w{6}>/g, '>')).toBe(expected ?? line)
})

test.each([
  [
    'Failed password for invalid user bob from 10.0.0.9',
    'Failed password for invalid user <user> from 10.0.0.9',
  ],
  ['session opened for user alice by (uid=0)', 'session opened for user <user> by (uid=0)'],
  ['login ok user=bob took=3', 'login ok user=<user> took=3'],
  ['{"username":"bob","n":1}', '{"username":"<user>","n":1}'],
  ['opened /home/bob/.ssh/config', 'opened /home/<user>/.ssh/config'],
  ['no such user, try again', null],
])('names of users are taken out by option: %s', (line, expected) => {
  expect(redactText(line).text).toBe(line)
  const { text } = redactText(line, { userNames: true })
  expect(text.replaceAll(/:\w{6}>/g, '>')).toBe(expected ?? line)
})

test('the names of an event are redacted, and known when they are clean', () => {
  const cleanNames = new Set<string>()
  const parsed = parse({ msg: 'x', service: 'shop', hostname: 'db://app:hunter2@node-1' })
  const { event, counts } = redactEvent(parsed, { cleanNames })
  expect(event.host).toMatch(/^db:\/\/app:<password:\w{6}>@node-1$/)
  expect(event.service).toBe('shop')
  expect(counts).toEqual({ password: 1 })
  expect(cleanNames.has('shop')).toBe(true)
})

test('a secret behind signs that are not seen is found', () => {
  expect(redactText('pass\u200bword=hunter2 x').text).toMatch(/^password=<password:\w{6}> x$/)
  expect(redactText('na\u00efve caf\u00e9, nothing here').counts).toEqual({})
})
