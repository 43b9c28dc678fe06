import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { World } from './world'

const NAME = 'forge'
const SENT = [
  ['success', 'v9.14.0'],
  ['failure', 'v9.14.1'],
] as const

/** Pages of a source that told something, and of what was done for it in the background. */
export const TOLD: [name: string, path: string, ready: (page: Page) => Promise<unknown>][] = [
  ['source-deliveries', `/settings/sources/${NAME}?tab=deliveries`, (page) => page.getByRole('button', { name: /taken one event/ }).first().waitFor()],
  ['source-arrived', `/settings/sources/${NAME}?tab=arrived`, (page) => page.getByText('deploy').first().waitFor()],
  ['jobs', '/settings/jobs', (page) => page.getByText('Deliveries are read again').first().waitFor()],
]

const made = new WeakMap<World, Promise<void>>()

/** Makes a source of GitHub that took two deliveries, refused one, and has read again what failed: once for a world. */
export function telling(world: World): Promise<void> {
  const known = made.get(world)
  if (known) return known
  const begun = tell(world)
  made.set(world, begun)
  return begun
}

async function tell({ server }: World) {
  const { createSource } = await server.ask<{ createSource: { secret: string } }>(
    `mutation($settings: JSON) { createSource(input: {name: "${NAME}", type: "github", settings: $settings, generateSecret: true}) { secret } }`,
    { settings: { services: { 'acme/payments': 'checkout-api' } } },
  )
  const send = async (body: string, secret: string, delivery: string) =>
    (
      await fetch(`${server.url}/hooks/${NAME}`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-GitHub-Event': 'deployment_status',
          'X-GitHub-Delivery': delivery,
          'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
        body,
      })
    ).status
  for (const [index, [state, ref]] of SENT.entries()) {
    const at = new Date(Date.now() - 60_000).toISOString()
    const body = JSON.stringify({
      action: 'created',
      deployment_status: { state, environment: 'production', created_at: at },
      deployment: { id: 900 + index, sha: '9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01', ref, created_at: at },
      repository: { full_name: 'acme/payments' },
    })
    for (let tries = 0; (await send(body, createSource.secret, `delivery-${index}`)) !== 200; tries++) {
      if (tries > 50) throw new Error('the source does not take what its tool signs')
      await new Promise((done) => setTimeout(done, 100))
    }
  }
  await send('{}', 'of somebody else', 'another')
  await server.ask(`mutation { replayFailed(source: "${NAME}") { id } }`)
  for (let tries = 0; tries < 100; tries++) {
    const { jobs } = await server.ask<{ jobs: { state: string }[] }>('{ jobs(first: 5) { state } }')
    if (jobs.length > 0 && jobs.every((job) => job.state === 'done')) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('the job does not end')
}

/** What tells the hour at which this test runs says the same in every picture. */
export async function steady(page: Page) {
  await page.evaluate(() => {
    for (const time of document.querySelectorAll('main time')) time.textContent = '22 Nov, 12:00'
  })
}
