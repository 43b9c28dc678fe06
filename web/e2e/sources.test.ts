import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { everywhere, violations } from './axe'
import { useWorld } from './world'

const world = useWorld()

/** Sends what a tool would. */
async function deliver(source: string, headers: Record<string, string>, body: string): Promise<number> {
  const response = await fetch(`${world.server.url}/hooks/${source}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body })
  return response.status
}

const hmac = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex')
const main = (page: Page) => page.getByRole('main')

/** Chooses a tool as one would with the keyboard alone: its name, and Enter. */
async function choose(page: Page, tool: string, title: string) {
  await page.goto('/settings/sources')
  await page.getByRole('link', { name: 'Add a source' }).click()
  const search = page.getByRole('searchbox', { name: 'Search tools' })
  await search.fill(tool)
  await main(page).getByRole('link', { name: new RegExp(`^${title}`) }).waitFor()
  await search.press('Enter')
  await page.getByRole('form', { name: `New source of ${title}` }).waitFor()
}

async function shownSecret(page: Page): Promise<string> {
  const box = main(page).getByRole('status').filter({ hasText: 'This is the secret of' })
  return (await box.locator('code').innerText()).trim()
}

const feedHas = async (page: Page, title: string | RegExp) => {
  await page.goto('/feed')
  await page.getByRole('feed').getByRole('article').filter({ hasText: title }).first().waitFor()
}

describe('a source is set up from its page alone', () => {
  it('GitHub: the secret is made here, and a signed deployment comes into the feed', async () => {
    const page = await world.tab()
    await choose(page, 'github', 'GitHub')
    await page.getByLabel('Services: name 1 in the tool').fill('acme/payments')
    await page.getByLabel('Services: service of acme/payments').fill('checkout-api')
    await page.getByRole('button', { name: 'Add the source' }).click()
    await page.waitForURL('**/settings/sources/github')
    const secret = await shownSecret(page)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    await main(page).getByRole('button', { name: `Copy ${world.server.url}/hooks/github` }).waitFor()
    await main(page).getByRole('button', { name: `Copy ${secret}` }).waitFor()
    await main(page).getByText('The webhook gives Tidings no right to anything in GitHub.').waitFor()
    await main(page).getByText('waiting for the first delivery').waitFor()
    expect(await violations(page)).toEqual([])

    const body = JSON.stringify({
      action: 'created',
      deployment_status: { state: 'success', environment: 'production', created_at: new Date().toISOString() },
      deployment: { id: 881, sha: '9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01', ref: 'v9.14.0', created_at: new Date(Date.now() - 60_000).toISOString() },
      repository: { full_name: 'acme/payments' },
    })
    const headers = { 'X-GitHub-Event': 'deployment_status', 'X-GitHub-Delivery': 'one', 'X-Hub-Signature-256': `sha256=${hmac(secret, body)}` }
    await expect.poll(() => deliver('github', headers, body)).toBe(200)
    // The page that waits for it sees it come.
    await page.getByRole('link', { name: 'Deliveries' }).click()
    const line = page.getByRole('button', { name: /taken one event/ })
    await line.click()
    await page.getByRole('link', { name: /^Deployed v9\.14\.0/ }).waitFor()
    await page.getByLabel('Body, without its secrets').getByText('v9.14.0').first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Read it again' }).click()
    await page.getByText('It is taken now').waitFor()
    await feedHas(page, 'v9.14.0')
  })

  it('Sentry: the tool makes the secret, which is typed; what is refused until then is told', async () => {
    const page = await world.tab()
    await choose(page, 'sentry', 'Sentry')
    await page.getByLabel("The tool's names are those of the roll").check()
    await page.getByRole('button', { name: 'Add the source' }).click()
    await page.waitForURL('**/settings/sources/sentry')
    await main(page).getByRole('button', { name: `Copy ${world.server.url}/hooks/sentry` }).waitFor()
    await expect.poll(() => deliver('sentry', {}, '{}')).toBe(401)
    await page.getByText('Needs attention').waitFor()
    await main(page).getByRole('link', { name: 'Settings', exact: true }).last().click()
    await page.getByRole('button', { name: 'Set it' }).click()
    await page.getByLabel('What Sentry shows').fill('the-client-secret-of-sentry')
    await page.getByRole('button', { name: 'Set the secret' }).click()
    await page.getByRole('button', { name: 'Change it' }).waitFor()
    expect(await main(page).textContent()).not.toContain('the-client-secret-of-sentry')
    expect(await violations(page)).toEqual([])

    await page.getByRole('link', { name: 'Try' }).click()
    const example = page.getByRole('textbox', { name: 'Payload' })
    await page.getByRole('region', { name: 'What would become of it' }).getByRole('listitem').first().waitFor()
    const body = await example.inputValue()
    const headers = Object.fromEntries((await page.getByLabel('Headers').inputValue()).split('\n').filter(Boolean).map((text) => text.split(/:\s*/, 2) as [string, string]))
    const title = (await page.getByRole('region', { name: 'What would become of it' }).getByRole('listitem').first().locator('b').innerText()).trim()
    await expect.poll(() => deliver('sentry', { ...headers, 'Sentry-Hook-Signature': hmac('the-client-secret-of-sentry', body) }, body), { timeout: 20_000 }).toBe(200)
    const { events } = await (await fetch(`${world.server.url}/api/v1/events?source=sentry`)).json() as { events: { title: string }[] }
    expect(events.map((event) => event.title)).toContain(title)
  })

  it('Anything that posts JSON: expressions are written beside a payload, and tried as one types', async () => {
    const page = await world.tab()
    await choose(page, 'jq', 'Webhook, by jq')
    await page.getByLabel('Name (required)').fill('deployer')
    await page.getByRole('textbox', { name: 'Payload' }).fill('{"id": 71, "app": "checkout-api", "version": "7.7.0", "state": "done"}')
    const outcome = page.getByRole('region', { name: 'What would become of it' })
    await outcome.getByText('fields.key').waitFor()
    await page.getByLabel('Key (required)').fill('"rollout/\\(.id)"')
    await page.getByLabel('Title (required)').fill('"Rolled out \\(.version)"')
    await page.getByLabel('Service (required)').fill('.app')
    await page.getByLabel('Kind', { exact: true }).fill('"deploy" |')
    await outcome.getByText('fields.kind').waitFor()
    await page.getByLabel('Kind', { exact: true }).fill('"deploy"')
    await page.getByLabel('Version', { exact: true }).fill('.version')
    await page.getByLabel("The tool's names are those of the roll").check()
    await outcome.getByText('Rolled out 7.7.0').waitFor()
    await outcome.getByText('service:checkout-api').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Add the source' }).click()
    await page.waitForURL('**/settings/sources/deployer')
    const secret = await shownSecret(page)
    await expect.poll(() => deliver('deployer', { 'X-Tidings-Token': secret }, '{"id": 71, "app": "checkout-api", "version": "7.7.0", "state": "done"}')).toBe(200)
    await feedHas(page, '7.7.0')

    // It is switched off, and on again, and in the end taken away.
    await page.goto('/settings/sources/deployer')
    await page.getByRole('switch', { name: 'On' }).click()
    await page.getByText('Switched off: it neither looks nor takes anything').waitFor()
    expect(await deliver('deployer', { 'X-Tidings-Token': secret }, '{"id": 72, "app": "checkout-api", "version": "7.8.0", "state": "done"}')).toBe(200)
    expect(await deliver('deployer', { 'X-Tidings-Token': 'not the secret' }, '{}')).toBe(404)
    await page.getByRole('switch', { name: 'On' }).click()
    await page.getByText('Switched off: it neither looks nor takes anything').waitFor({ state: 'detached' })
    await page.goto('/settings/sources/deployer?tab=settings')
    await page.getByRole('button', { name: 'Remove the source' }).click()
    await page.getByRole('button', { name: 'Yes, remove deployer' }).click()
    await page.waitForURL('**/settings/sources')
    await page.getByRole('link', { name: 'github' }).waitFor()
    expect(await page.getByRole('link', { name: 'deployer' }).count()).toBe(0)
  })
})

const SCREENS: [path: string, ready: (page: Page) => Promise<unknown>][] = [
  ['/settings/sources', (page) => page.getByRole('link', { name: 'github' }).waitFor()],
  ['/settings/new-source', (page) => page.getByRole('link', { name: /^GitLab/ }).waitFor()],
  ['/settings/new-source?tool=webhook', (page) => page.getByRole('button', { name: 'Add the source' }).waitFor()],
  ['/settings/new-source?tool=kubernetes', (page) => page.getByText('tidings token create').first().waitFor()],
  ['/settings/sources/github?tab=setup', (page) => page.getByRole('heading', { name: 'Permissions' }).waitFor()],
  ['/settings/sources/github?tab=deliveries', (page) => page.getByRole('button', { name: /taken one event/ }).first().waitFor()],
  ['/settings/sources/github?tab=deliveries&outcome=failed', (page) => page.getByText('None was failed').waitFor()],
  ['/settings/sources/github?tab=try', (page) => page.getByRole('region', { name: 'What would become of it' }).waitFor()],
  ['/settings/sources/github?tab=settings', (page) => page.getByRole('button', { name: 'Remove the source' }).waitFor()],
  ['/settings/sources/none', (page) => page.getByText('No source is called none').waitFor()],
  ['/settings/new-source?tool=none', (page) => page.getByText('No tool is called none').waitFor()],
]

it.each(SCREENS)('%s is accessible in both themes and at both sizes', async (path, ready) => {
  const page = await world.tab({ reducedMotion: 'reduce' })
  await page.goto(path)
  expect(await everywhere(page, () => ready(page))).toEqual({})
})

