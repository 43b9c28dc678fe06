import { expect, it } from 'vitest'
import { claimOf } from './BulkEdit'

it.each([
  ['add tag', 'migrated:k8s-1.33', { field: 'tag/migrated', value: 'k8s-1.33' }],
  ['add tag', 'pci', { field: 'tag/pci', value: '' }],
  ['remove tag', 'migrated:k8s-1.33', { field: 'tag/migrated', value: null }],
  ['owner', 'payments', { field: 'owner', value: 'team:payments' }],
  ['tier', '1', { field: 'tier', value: 1 }],
  ['tier', '7', null],
  ['lifecycle', ' ', null],
] as const)('%s %s', (edit, text, want) => expect(claimOf(edit, text)).toEqual(want))
