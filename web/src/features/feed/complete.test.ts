import { describe, expect, it } from 'vitest'
import { applyInput, choices, type Known } from './complete'
import { decode } from './params'

const known: Known = {
  env: ['production', 'staging'],
  kind: [
    { value: 'deploy', label: 'Deploys' },
    { value: 'rollback', label: 'Rollbacks' },
  ],
  source: ['github', 'argo-cd'],
  entities: [
    { kind: 'team', name: 'payments', title: 'Payments' },
    { kind: 'service', name: 'payments-core' },
    { kind: 'person', name: 'priya.raman', title: 'Priya Raman' },
  ],
}
const none = decode({})

describe('completion', () => {
  it('offers the keys at first', () => {
    expect(choices('', known, none).map((c) => c.key)).toEqual(['team', 'service', 'kind', 'env', 'actor', 'by', 'source', 'tag', 'phase', 'class'])
  })
  it('offers the values of a key, by name or by title', () => {
    expect(choices('env:st', known, none)).toEqual([{ type: 'value', key: 'env', value: 'staging', label: 'staging' }])
    expect(choices('kind:Roll', known, none).map((c) => 'value' in c && c.value)).toEqual(['rollback'])
    expect(choices('actor:', known, none).map((c) => 'value' in c && c.value)).toEqual(['Priya Raman'])
    expect(choices('who:', known, none)).toHaveLength(1)
  })
  it('does not offer what is chosen', () => {
    expect(choices('env:', known, decode({ env: 'staging' })).map((c) => 'value' in c && c.value)).toEqual(['production'])
  })
  it('offers names, kinds, keys and words for a bare word, in that order', () => {
    expect(choices('de', known, none).map((c) => c.type)).toEqual(['value', 'value', 'value', 'words'])
    expect(choices('te', known, { ...none }).map((c) => c.key)).toEqual(['team', 'service', 'team', 'words'])
  })
})

describe('what was typed', () => {
  it('becomes tokens and words', () => {
    expect(applyInput('env:staging slow checkout kind:deploy', none)).toEqual({ env: ['staging'], kind: ['deploy'], q: 'slow checkout' })
  })
  it('quotes hold spaces', () => {
    expect(applyInput('actor:"Priya Raman" "exact words"', none)).toEqual({ actor: ['Priya Raman'], q: 'exact words' })
  })
  it('adds to what is there, once', () => {
    expect(applyInput('env:production env:staging', decode({ env: 'production' }))).toEqual({ env: ['production', 'staging'] })
    expect(applyInput('by:auto', none)).toEqual({ by: ['automation'] })
  })
  it('leaves a key that does not exist among the words', () => {
    expect(applyInput('https://example.test', none)).toEqual({ q: 'https://example.test' })
  })
  it('is nothing when it is blank', () => {
    expect(applyInput('   ', none)).toBeNull()
  })
  it('a choice takes the place of the last word', () => {
    expect(applyInput('slow ', none, { type: 'value', key: 'team', value: 'payments', label: 'Payments' })).toEqual({ team: ['payments'], q: 'slow' })
  })
})
