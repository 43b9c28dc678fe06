import { describe, expect, it } from 'vitest'
import { cell, cells, csv } from './csv'

describe('a cell', () => {
  it.each([
    ['plain', 'plain'],
    ['a, b', '"a, b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+49 30 1', "'+49 30 1"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['＝1+1', "'＝1+1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['', ''],
  ])('%j is written %j', (value, want) => {
    expect(cell(value)).toBe(want)
  })

  it('leaves numbers alone, also those below zero', () => {
    expect(cell(-1)).toBe('-1')
  })
})

it('writes a service as one line, its duty by the name people use', () => {
  const row = {
    ref: 'service:pricing',
    name: 'pricing',
    title: null,
    description: 'Prices, and why.',
    language: 'go',
    tier: 1,
    lifecycle: 'production',
    platform: null,
    owner: { name: 'catalogue', title: 'Catalogue' },
    onCall: [{ name: 'sam.okafor', person: { name: 'sam.okafor', title: 'Sam Okafor' } }],
    tags: [
      { key: 'pci', value: '' },
      { key: 'team', value: 'x' },
    ],
    lastEvent: { kind: 'deploy', title: 'pricing v2', startedAt: '2026-06-11T00:55:04.000000Z' },
  }
  const text = csv([cells(row)])
  expect(text.startsWith('\uFEFFservice,title,')).toBe(true)
  expect(text.split('\r\n')[1]).toBe(
    'pricing,,"Prices, and why.",1,production,go,,Catalogue,Sam Okafor,pci team:x,pricing v2,deploy,2026-06-11T00:55:04.000000Z',
  )
  expect(text.endsWith('\r\n')).toBe(true)
})
