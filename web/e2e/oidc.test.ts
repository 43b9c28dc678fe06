import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { World } from './world'

const PROVIDER = fileURLToPath(new URL('../../scripts/oidc-provider', import.meta.url))

const world = new World()
let provider: ChildProcess

/** A port that nobody has at the moment: the provider must know where Tidings will answer. */
async function port(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

beforeAll(async () => {
  const [own, theirs] = [await port(), await port()]
  const callback = `http://127.0.0.1:${own}/api/v1/login/company/callback`
  provider = spawn(PROVIDER, [String(theirs), callback], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    provider.stdout!.on('data', (chunk: Buffer) => chunk.toString().includes('ready') && resolve())
    provider.on('exit', (code) => reject(new Error(`The provider ended with ${code}.`)))
  })
  // The provider's own page asks for a font elsewhere.
  world.abroad.add(`127.0.0.1:${theirs}`).add('fonts.googleapis.com')
  world.server.url = `http://127.0.0.1:${own}`
  await world.begin({
    login: true,
    example: true,
    config: `
login:
  default_role: none
  providers:
    - name: company
      title: Company
      issuer: http://127.0.0.1:${theirs}
      allow: [127.0.0.1]
      client_id: tidings
      client_secret: env:OIDC_SECRET
      scopes: [profile, email, groups]
  groups:
    - group: admins
      role: administrator
    - group: engineers
      role: member
    - group: team-*
      teams: ['*']
`,
  })
}, 180_000)

afterEach(async () => expect(await world.closeTabs()).toEqual([]))
afterAll(async () => {
  await world.end()
  provider?.kill('SIGTERM')
})

async function logIn(page: Page, name: string) {
  await page.getByRole('link', { name: 'Continue with Company' }).click()
  await page.locator('input[name=login]').fill(name)
  await page.locator('input[name=password]').fill('any')
  await page.getByRole('button', { name: /sign.in/i }).click()
  await page.getByRole('button', { name: /continue/i }).click()
}

it('a person comes in by the company, to where they wanted to go, with role and teams of their groups', async () => {
  const page = await world.tab()
  await world.during(async () => {
    await page.goto('/services?q=check')
    await logIn(page, 'priya')
    await page.locator('[data-row]').first().waitFor()
  })
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/services?q=check')
  await page.goto('/settings/me')
  await page.getByRole('heading', { name: 'Priya Patel' }).waitFor()
  await page.getByText('member', { exact: true }).waitFor()
  await page.getByText('payments', { exact: true }).waitFor()
})

it('somebody in no group is told that they may not see anything', async () => {
  const page = await world.tab()
  await world.during(async () => {
    await page.goto('/feed')
    await logIn(page, 'guest')
    await page.getByRole('alert').filter({ hasText: 'nothing here is open to you' }).waitFor()
  })
})
