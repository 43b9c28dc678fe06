import { expect, it } from 'vitest'
import { kinds, row } from './fixtures'
import { both, item, markdown, plain } from './markdown'

it('says an instant in both zones, and names another day', () => {
  const at = Date.parse('2026-06-11T00:55:12Z')
  expect(both(at, 'Europe/Berlin')).toBe('2026-06-11 02:55:12 +02:00 (00:55:12Z)')
  expect(both(at, 'America/St_Johns')).toBe('2026-06-10 22:25:12 -02:30 (2026-06-11 00:55:12Z)')
  expect(both(at, 'UTC')).toBe('2026-06-11 00:55:12Z')
})

it('keeps the text of others text', () => {
  expect(plain('a *b* [c](http://x)\n# d @channel <img>')).toBe('a \\*b\\* \\[c\\](http://x) \\# d @\u2060channel \\<img\\>')
})

it('writes a change as one line', () => {
  const change = row({ id: 'e9', kind: 'deploy', version: '2.0', previous: '1.9', actor: { type: 'person', name: 'Priya Raman', via: 'Argo CD', person: null } })
  expect(item(change, kinds, 'Europe/Berlin', 'https://tidings.example.com')).toBe(
    '- 2026-06-11 02:41:00 +02:00 (00:41:00Z): **checkout-api** deployed `1.9` → `2.0`, by Priya Raman via Argo CD, in production ([Deploys](https://tidings.example.com/e/e9))',
  )
})

it('says of what range it is, and whether there is more', () => {
  const text = markdown([row({ title: 'A |pipe|' })], kinds, {
    title: 'Changes of team payments',
    since: Date.parse('2026-06-10T00:00:00Z'),
    until: Date.parse('2026-06-11T00:00:00Z'),
    link: 'https://tidings.example.com/feed?team=payments',
    zone: 'UTC',
    origin: 'https://tidings.example.com',
    more: true,
  })
  expect(text.split('\n').slice(0, 3)).toEqual([
    '## Changes of team payments',
    '',
    '2026-06-10 00:00:00Z to 2026-06-11 00:00:00Z, newest first: 1 change, and more before them. [Open](https://tidings.example.com/feed?team=payments)',
  ])
  expect(text).toContain('A \\|pipe\\|')
})
