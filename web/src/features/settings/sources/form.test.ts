import { expect, it } from 'vitest'
import { byField, type Field, freshName, fromSettings, toSettings } from './form'

const field = (name: string, type: string): Field => ({ name, title: name, help: '', type, required: false, example: '', gives: '', givesExample: '', choices: [] })
const FIELDS = [field('secret', 'secret'), field('services', 'map'), field('same_names', 'switch'), field('labels', 'list'), field('backfill', 'number'), field('signature.header', 'text'), field('fields.key', 'expression')]

it('gives the settings that it was given', () => {
  const settings = { services: { 'acme/payments': 'payments' }, same_names: true, labels: ['region', 'zone'], backfill: 10, signature: { header: 'X-Sig' }, fields: { key: '.id' } }
  expect(toSettings(FIELDS, fromSettings(FIELDS, settings))).toEqual(settings)
})

it('leaves out what is empty, and never holds a secret', () => {
  expect(toSettings(FIELDS, { secret: 'x', services: [['', 'a'], [' b ', ' c ']], same_names: false, labels: ' \n', backfill: '' })).toEqual({ services: { b: 'c' } })
})

it('shows what is wrong at its field', () => {
  expect(byField(FIELDS, [{ pointer: '/services/acme/payments', detail: 'is no name' }, { pointer: '/signature/header', detail: 'is required' }, { pointer: '/every', detail: 'is short' }])).toEqual({
    services: ['acme.payments: is no name'],
    'signature.header': ['is required'],
    '': ['every: is short'],
  })
})

it('finds a name that is free', () => {
  expect(freshName('github', ['github', 'github-2'])).toBe('github-3')
})
