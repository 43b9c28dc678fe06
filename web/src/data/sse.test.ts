import { describe, expect, it } from 'vitest'
import { parser } from './sse'

const stream = 'event: next\ndata: {"a":1}\n\n: ping\n\nevent: next\r\ndata: one\r\ndata: two\r\n\r\nevent: complete\ndata:\n\n'
const want = [{ event: 'next', data: '{"a":1}' }, 'heartbeat', { event: 'next', data: 'one\ntwo' }, { event: 'complete', data: '' }]

describe('an event stream', () => {
  it('is read message by message', () => {
    expect(parser()(stream)).toEqual(want)
  })
  it('is read the same wherever its chunks end', () => {
    for (let size = 1; size < 40; size++) {
      const parse = parser()
      const got = []
      for (let i = 0; i < stream.length; i += size) got.push(...parse(stream.slice(i, i + size)))
      expect(got).toEqual(want)
    }
  })
  it('says nothing of a message that is not whole', () => {
    expect(parser()('event: next\ndata: half')).toEqual([])
  })
})
