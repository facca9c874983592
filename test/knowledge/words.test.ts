import { describe, expect, it } from 'vitest'
import { wordsOf } from '../../src/knowledge/words.ts'

describe('wordsOf', () => {
  it.each([
    [
      'NoRouteToHostException',
      ['noroutetohostexception', 'no', 'route', 'to', 'host', 'exception'],
    ],
    ['java.net.Socket', ['java', 'net', 'socket']],
    ['HTTPServer stopped', ['httpserver', 'http', 'server', 'stopped']],
    ['read_only=true', ['read_only', 'read', 'only', 'true']],
    ['No space left on device!', ['no', 'space', 'left', 'on', 'device']],
    ['Ошибка записи', ['ошибка', 'записи']],
    ['', []],
  ])('takes %j apart', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })
})
