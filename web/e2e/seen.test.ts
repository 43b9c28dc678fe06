import { describe, expect, it } from 'vitest'
import { violations } from './axe'
import { useWorld } from './world'

const world = useWorld()

/** Says something to the server as an agent does. */
async function say<T>(method: 'Open' | 'Send', body: unknown): Promise<T> {
  const response = await fetch(`${world.server.url}/tidings.agent.v1.ObserverService/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Connect-Protocol-Version': '1' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${method} was answered with ${response.status}: ${await response.text()}`)
  return response.json() as Promise<T>
}

const workload = (tag: string, more: Record<string, unknown> = {}) => ({
  object: 'payments/deployment/checkout-api',
  collection: 'deployments',
  seenAt: new Date().toISOString(),
  state: JSON.stringify({
    kind: 'Deployment',
    namespace: 'payments',
    name: 'checkout-api',
    uid: 'u1',
    created_at: '2026-01-01T00:00:00Z',
    generation: tag === 'v5.0.0' ? 1 : 2,
    labels: { 'app.kubernetes.io/name': 'checkout-api' },
    replicas: 4,
    template: { containers: [{ name: 'api', image: `registry.example.com/checkout-api:${tag}` }] },
    rollout: { id: tag, observed: tag === 'v5.0.0' ? 1 : 2, pods: 4, updated: 4, ready: 4, available: 4, phase: 'complete' },
    hosts: ['pay.northwind.example/'],
    ...more,
  }),
})

describe('what an agent sees', () => {
  it('runs on the page of the service, and its changes that nobody told of are dark', async () => {
    const opening = { source: 'kubernetes-prod-eu', type: 'kubernetes', collections: ['deployments'], cluster: 'prod-eu', environment: 'production', agent: 'tidings-agent-1', report: { version: '1.0', detail: 'https://10.0.0.1, all namespaces', objects: 1 } }
    const { source, session } = await say<{ source: string; session: string }>('Open', opening)
    const report = { version: '1.0', detail: 'https://10.0.0.1, all namespaces', objects: 1 }
    await say('Send', { source, session, number: 1, observations: [workload('v5.0.0')], complete: ['deployments'], report })
    await say('Send', { source, session, number: 2, observations: [workload('v5.1.0', { troubles: [{ kind: 'crash_loop', container: 'api', pods: 2, count: 9, message: 'Back-off restarting failed container', since: new Date().toISOString() }] })], report })

    const page = await world.open('/s/checkout-api')
    const profile = page.getByRole('complementary', { name: 'Profile' })
    const production = profile.getByRole('region', { name: 'production' })
    await production.getByText('v5.1.0').first().waitFor()
    await production.getByText('4/4').waitFor()
    await production.getByText(/crash|Back-off/).first().waitFor()
    await production.locator('summary').click()
    await production.getByText('registry.example.com/checkout-api:v5.1.0').waitFor()
    await profile.getByText('In 30 days the one change was not told.').waitFor()

    const row = page.getByRole('feed').getByRole('article').filter({ hasText: 'v5.1.0' }).first()
    const mark = row.getByRole('button', { name: /^dark/ })
    await mark.hover()
    await page.getByRole('tooltip').getByText('Seen in the cluster prod-eu, told by nobody').waitFor()
    await page.mouse.move(0, 0)
    await page.getByRole('tooltip').waitFor({ state: 'detached' })
    expect(await violations(page)).toEqual([])

    await page.goto('/settings/sources')
    const line = page.getByRole('listitem').filter({ hasText: 'kubernetes-prod-eu' })
    await line.getByText('working').waitFor()
    await line.getByText('tidings-agent-1').waitFor()
    await line.getByText('https://10.0.0.1, all namespaces').first().waitFor()
    expect(await violations(page)).toEqual([])
  })
})
