import type { Server } from './server'

const AT_ONCE = 500
const AREAS = ['cart', 'ledger', 'search', 'media', 'route', 'stock']
const ROLES = ['api', 'worker', 'store', 'sync', 'gateway']

/** What the service of a number is called: `ledger-worker-42` is that of 42 among those whose number ends so. */
export const nameOf = (i: number) => `${AREAS[i % AREAS.length]}-${ROLES[i % ROLES.length]}-${i}`

/** Describes so many services of two hundred teams, which need each other; every tenth has to move to something new. */
export async function fillRoll(server: Server, services: number) {
  for (let from = 0; from < services; from += AT_ONCE) {
    const documents = Array.from({ length: Math.min(AT_ONCE, services - from) }, (_, k) => {
      const i = from + k
      const needs = [(i * 7) % (i + 1), (i * 13) % (i + 1)].filter((n) => n !== i).map(nameOf)
      return [
        `name: ${nameOf(i)}`,
        `owner: team-${i % 200}`,
        `tier: ${i % 4}`,
        `language: ${['go', 'java', 'python'][i % 3]}`,
        `depends_on: [${[...new Set(needs)].join(', ')}]`,
        ...(i % 10 ? [] : ['tags: [migration:grpc]']),
        '',
      ].join('\n')
    })
    const response = await fetch(`${server.url}/api/v1/descriptors`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ documents: [{ name: `part-${from}.yaml`, content: documents.join('---\n') }] }),
    })
    if (!response.ok) throw new Error(`The descriptors were answered with ${response.status}: ${await response.text()}`)
  }
}
