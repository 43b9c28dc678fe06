import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { everywhere } from './axe'
import { urlHas, useWorld } from './world'

const world = useWorld()
const MINUTE = 60_000
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString()

/** A trouble with a likely cause, a less likely one, and one that came too late. */
async function trouble(service: string, dependency: string): Promise<number> {
  const at = ago(6)
  await world.server.post({ kind: 'scaling', title: 'Scaled from 10 to 3', subjects: [dependency], environment: 'production', started_at: ago(18), diff: [{ field: 'replicas', old: '10', new: '3' }], actor: { type: 'automation', name: 'night-saver' } })
  await world.server.post({ kind: 'deploy', title: `Deployed ${service} v9.1.0`, version: 'v9.1.0', previous: 'v9.0.0', subjects: [service], environment: 'production', started_at: ago(55), actor: { type: 'person', name: 'Priya Raman' } })
  await world.server.post({ kind: 'deploy', title: `Deployed ${service} v9.2.0`, version: 'v9.2.0', subjects: [service], environment: 'production', started_at: ago(1) })
  const { openIncident } = await world.server.ask<{ openIncident: { number: number } }>(
    'mutation ($input: OpenIncidentInput!) { openIncident(input: $input) { number } }',
    { input: { title: `${service} p99 latency above 2 s`, services: [service], environment: 'production', severity: 2, onset: at } },
  )
  return openIncident.number
}

it('ranks who could be it, with reasons, and keeps what a person says of it', async () => {
  const number = await trouble('checkout-api', 'fraud-score')
  const page = await world.open('/incidents')
  await page.getByRole('link', { name: new RegExp(`INC-${number}`) }).click()
  await page.getByRole('heading', { level: 1, name: /p99 latency above 2 s/ }).waitFor()
  const first = page.locator('#suspect-1')
  await first.getByText('For:').first().waitFor({ state: 'attached' })
  expect(await page.getByRole('region', { name: 'Suspects' }).getByRole('listitem').count()).toBeGreaterThan(1)
  await page.locator('summary').filter({ hasText: 'ruled out' }).click()
  await page.getByText('load-test').first().waitFor()

  // By keyboard alone: take it, note something, judge the second suspect.
  await page.keyboard.press('a')
  await page.getByText(/Acknowledged, firing/).waitFor()
  await page.keyboard.press('m')
  await page.keyboard.type('Fraud has three pods left')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Timeline' }).getByText('Fraud has three pods left').waitFor()
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('1')
  await page.keyboard.press('y')
  await first.getByRole('button', { name: 'It was this', pressed: true }).waitFor()
  await page.getByRole('button', { name: 'Resolve' }).click()
  await page.getByText(/Resolved after/).waitFor()
})

it('says what is at stake, as far as it is known', async () => {
  const number = await trouble('checkout-api', 'pricing')
  const page = await world.open(`/i/${number}`)
  const impact = page.getByRole('region', { name: 'Impact' })
  await impact.getByText('tier 0').waitFor()
  await impact.getByText('end users feel it').waitFor()
  await impact.getByText(/depend on it/).waitFor()
  await impact.getByRole('link', { name: 'web-storefront' }).waitFor()
})

it('has what a thumb reaches for as large as a thumb', async () => {
  const number = await trouble('checkout-api', 'fraud-score')
  const page = await world.open(`/i/${number}`, { viewport: { width: 390, height: 844 } })
  const height = async (name: string) => (await page.getByRole('button', { name }).first().boundingBox())!.height
  await page.getByRole('button', { name: 'Copy undo' }).first().waitFor()
  expect(await height('Copy undo')).toBeGreaterThanOrEqual(44)
  expect(await height('Acknowledge')).toBe(52)
  expect((await page.getByRole('button', { name: 'Acknowledge' }).boundingBox())!.y).toBeGreaterThan(600)
  await page.goto('/s/checkout-api')
  const actions = page.getByRole('navigation', { name: 'Actions' }).getByRole('link')
  await expect.poll(() => actions.count()).toBe(5)
  for (const action of await actions.all()) expect((await action.boundingBox())!.height).toBeGreaterThanOrEqual(44)
})

it('lets people take a role, hand it over and give it back, without a mouse', async () => {
  const number = await trouble('payments-gateway', 'ledger-db')
  const page = await world.open(`/i/${number}`)
  const roles = page.getByRole('region', { name: 'Roles' })
  const timeline = page.getByRole('region', { name: 'Timeline' })
  await roles.getByRole('button', { name: 'Take the role of commander' }).waitFor()
  await page.keyboard.press('r')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await timeline.getByText('took the role of commander').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Commander')

  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: 'Who is commander from now on' }).waitFor()
  await page.keyboard.type('priya')
  await page.getByRole('option', { name: /Priya Raman/ }).waitFor()
  expect(await everywhere(page, () => roles.waitFor())).toEqual({})
  await page.keyboard.press('Enter')
  await roles.getByRole('link', { name: 'Priya Raman' }).waitFor()
  await timeline.getByText('handed the role of commander over to priya.raman').waitFor()

  await page.setViewportSize({ width: 390, height: 844 })
  await roles.getByRole('button', { name: 'Commander' }).click()
  await roles.getByRole('button', { name: 'Take away' }).click()
  await timeline.getByText('took the role of commander away from priya.raman').waitFor()
})

it('shows the incident on the page of the service in trouble', async () => {
  const number = await trouble('payments-core', 'ledger-db')
  const page = await world.open('/s/payments-core')
  const mark = page.getByRole('feed').getByRole('link', { name: /^Suspect \d$/ }).first()
  await mark.focus()
  await page.getByRole('tooltip').getByText(new RegExp(`^Suspect \\d of INC-${number}: `)).waitFor()
  await page.getByRole('link', { name: new RegExp(`INC-${number}`) }).click()
  await page.getByRole('region', { name: 'Suspects' }).waitFor()
})

it('is found by its title, its number or the service', async () => {
  const number = await trouble('image-resizer', 'media-store')
  const page = await world.open('/incidents')
  const found = page.getByRole('link', { name: /INC-/ })
  await page.keyboard.press('/')
  for (const words of ['Image-Resizer', `inc-${number}`]) {
    await page.getByRole('searchbox', { name: 'Search incidents' }).fill(words)
    await expect.poll(() => found.allTextContents()).toEqual([`INC-${number} image-resizer p99 latency above 2 s`])
  }
  await page.keyboard.press('Enter')
  await expect.poll(() => found.first().evaluate((link) => link.contains(document.activeElement))).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /image-resizer p99/ }).waitFor()
  await page.goto('/incidents?q=zzzz')
  await page.getByRole('heading', { name: 'No incident matches “zzzz”' }).waitFor()
})

it('is counted wherever one is, on a phone too', async () => {
  await trouble('autocomplete', 'search-index')
  for (const [width, where] of [[1440, 'Main'], [390, 'Sections']] as const) {
    const page = await world.open('/services', { viewport: { width, height: 844 } })
    await page.getByRole('navigation', { name: where }).getByRole('link', { name: /^Incidents\s*\d\+? not resolved$/ }).click()
    await page.getByRole('link', { name: /autocomplete p99/ }).waitFor()
  }
})

it('answers for any service and time without an incident', async () => {
  const page = await world.open(`/at?service=checkout-api&t=${encodeURIComponent(ago(6))}`)
  await page.locator('#suspect-1').waitFor()
  const picker = page.getByRole('combobox', { name: 'Service in trouble' })
  await picker.fill('no-such-service')
  await page.getByText('Nothing is called “no-such-service”').waitFor()
  await picker.fill('fraud')
  await page.getByRole('option', { name: /^fraud-score/ }).waitFor()
  await page.keyboard.press('Enter')
  await urlHas(page, 'service', 'fraud-score')
  await page.getByRole('heading', { level: 1, name: /fraud-score/ }).waitFor()
  await page.goto('/at?service=no-such-service')
  await page.getByText(/no.such.service/i).last().waitFor()
})

const SCREENS: [name: string, path: string | (() => Promise<string>), ready: (page: Page) => Promise<unknown>][] = [
  ['an incident', async () => `/i/${await trouble('pricing', 'checkout-api')}`, (page) => page.locator('#suspect-1').waitFor()],
  ['the list', '/incidents', (page) => page.getByRole('link', { name: /INC-/ }).first().waitFor()],
  ['a moment', '/at', (page) => page.getByRole('heading', { name: 'Name a service and a time' }).waitFor()],
  ['an unknown incident', '/i/999999', (page) => page.getByRole('heading', { name: 'There is no INC-999999' }).waitFor()],
]

it.each(SCREENS)('%s is accessible at every size and in both themes', async (_, path, ready) => {
  const page = await world.tab({ reducedMotion: 'reduce' })
  await page.goto(typeof path === 'string' ? path : await path())
  expect(await everywhere(page, () => ready(page))).toEqual({})
})
