import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { everywhere, SIZES, violations } from './axe'
import { telling, TOLD } from './told'
import { useWorld } from './world'

const world = useWorld()

const row = (page: Page) => page.locator('[data-row]').first()
const heading = (page: Page) => page.getByRole('heading').first()

type Screen = [name: string, path: string | (() => Promise<string>), ready: (page: Page) => Promise<void>]

async function anEvent(): Promise<string> {
  const { feed } = await world.server.ask<{ feed: { rows: { event: { id: string } }[] } }>('{ feed(filter: {kinds: ["deploy"]}, first: 3) { rows { event { id } } } }')
  return feed.rows[2]!.event.id
}

const SCREENS: Screen[] = [
  ['feed', '/feed', (page) => row(page).waitFor()],
  ['feed with a change beside it', async () => `/feed?sel=${await anEvent()}`, (page) => page.getByRole('complementary', { name: 'Change' }).getByRole('heading').first().waitFor()],
  ['feed without a match', '/feed?q=zzzzzz', (page) => page.getByRole('heading', { name: /^No / }).waitFor()],
  ['catalog', '/services', (page) => row(page).waitFor()],
  ['catalog: nobody on call', '/services?view=nobody&sort=tier', (page) => row(page).waitFor()],
  ['a migration', '/services?tag=migration:k8s-1.33', (page) => page.getByRole('region', { name: 'Migration' }).waitFor()],
  ['a migration as figures', '/services?tag=migration:k8s-1.33&progress=table', (page) => page.getByRole('region', { name: 'k8s-1.33 over time' }).getByRole('row').first().waitFor()],
  ['feed with its histogram as a table', '/feed?chart=table', (page) => page.getByRole('region', { name: /^Changes over time/ }).getByRole('row').nth(1).waitFor()],
  ['catalog without a match', '/services?q=zzzzzz', (page) => page.getByRole('heading', { name: /^No / }).waitFor()],
  ['service', '/s/checkout-api', (page) => row(page).waitFor()],
  ['annotations of a service', '/s/checkout-api?dialog=kubectl', (page) => page.getByText('kubectl annotate').waitFor()],
  ['unknown service', '/s/no-such', (page) => page.getByRole('heading', { name: /^No / }).waitFor()],
  ['what a team owns', '/t/payments?part=services', (page) => page.getByRole('heading', { name: /^Drift/ }).waitFor()],
  ['on call', '/on-call', (page) => page.getByRole('list', { name: 'On call now' }).waitFor()],
  ['team', '/t/payments', (page) => heading(page).waitFor({ state: 'attached' })],
  ['person', '/r/person/priya.raman', (page) => heading(page).waitFor({ state: 'attached' })],
  ['resource', '/r/resource/ledger-db', (page) => heading(page).waitFor({ state: 'attached' })],
  ['teams', '/teams', (page) => page.getByRole('main').getByRole('link', { name: 'Payments' }).first().waitFor()],
  ['sources without any', '/settings/sources', (page) => page.getByRole('heading', { name: 'Nothing tells Tidings anything by itself yet' }).waitFor()],
  ['chat without any', '/settings/chat', (page) => page.getByRole('heading', { name: 'No chat is connected' }).waitFor()],
  ['unclaimed', '/unclaimed', (page) => page.getByRole('combobox').first().waitFor()],
  ['map', '/map', (page) => page.getByText('Platform').first().waitFor()],
  ['map of a service', '/map?focus=service:checkout-api&sel=service:fraud-score', (page) => page.getByText('fraud-score').first().waitFor()],
  ['map as a list', '/s/checkout-api/deps?view=list&path=resource:ledger-db', (page) => page.getByRole('heading', { name: /^Circles/ }).waitFor()],
  ['change', async () => `/e/${await anEvent()}`, (page) => page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor()],
  ['system', '/r/system/checkout', (page) => row(page).waitFor()],
  ['parts of a system', '/r/system/checkout?part=services', (page) => page.getByRole('heading', { name: /^Drift/ }).waitFor()],
  ['teams of a person', '/r/person/priya.raman?part=services', (page) => heading(page).waitFor({ state: 'attached' })],
  ['catalog with other columns', '/services?cols=tier,platform,description', (page) => row(page).waitFor()],
  ['first steps', '/start', (page) => page.getByRole('heading', { name: 'Describe a service' }).waitFor()],
  ['new source', '/settings/new-source', (page) => page.getByText('GitHub').first().waitFor()],
  ['new source of a tool', '/settings/new-source?tool=github', (page) => page.getByRole('textbox').first().waitFor()],
  ['settings', '/settings/me', (page) => page.getByRole('heading', { name: 'About' }).waitFor()],
  ['tokens while login is off', '/settings/tokens', (page) => heading(page).waitFor({ state: 'attached' })],
  ['people while login is off', '/settings/people', (page) => heading(page).waitFor({ state: 'attached' })],
  ['incidents', '/incidents', (page) => page.getByRole('link', { name: /INC-/ }).first().waitFor()],
  ['a moment', '/at?service=checkout-api', (page) => page.getByRole('region', { name: 'Suspects' }).waitFor()],
  ['nowhere', '/nowhere', (page) => heading(page).waitFor()],
]

it.each(SCREENS)('%s', async (_, path, ready) => {
  const page = await world.tab({ reducedMotion: 'reduce' })
  await page.goto(typeof path === 'string' ? path : await path())
  expect(await everywhere(page, () => ready(page))).toEqual({})
})

it.each(TOLD)('%s', async (_, path, ready) => {
  await telling(world)
  const page = await world.tab({ reducedMotion: 'reduce' })
  await page.goto(path)
  expect(await everywhere(page, () => ready(page))).toEqual({})
})

it('the palette', async () => {
  const page = await world.open('/services')
  await row(page).waitFor()
  await page.keyboard.press('Control+k')
  expect(await everywhere(page, () => page.getByRole('listbox', { name: 'Results' }).getByRole('option').first().waitFor())).toEqual({})
  await page.keyboard.type('fraud')
  await page.getByRole('option', { name: /fraud-score/ }).first().waitFor()
  expect(await violations(page)).toEqual([])
})

it('help and drawers', async () => {
  const page = await world.open('/services')
  await row(page).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Next row').waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.setViewportSize(SIZES[1]!)
  for (const path of ['/services', '/feed']) {
    await page.goto(path)
    await row(page).waitFor()
      await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByRole('dialog', { name: 'Filters' }).getByRole('checkbox').first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
  }
})

it('what is chosen and how strong it is can be told where the system has the colours', async () => {
  const page = await world.tab({ forcedColors: 'active' })
  const { incidents } = await world.server.ask<{ incidents: { nodes: { number: number; title: string }[] } }>('{ incidents { nodes { number title } } }')
  await page.goto(`/i/${incidents.nodes.find(({ title }) => title.includes('p99'))!.number}`)
  const strong = page.locator('#suspect-1').getByText('Strong')
  await strong.waitFor()
  const colours = new Set(await strong.locator('[aria-hidden] > span').evaluateAll((all) => all.map((e) => getComputedStyle(e).backgroundColor)))
  expect(colours.size, 'strokes that are filled, and those that are not').toBe(2)
  await page.goto('/services')
  await row(page).waitFor()
  const outline = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).evaluate((e) => getComputedStyle(e).outlineStyle)
  expect([await outline('Services 64'), await outline('Feed')]).toEqual(['solid', 'none'])
})

// What stands in the place of the rows while there are none.
const LISTS = ['/feed', '/services', '/s/checkout-api', '/on-call', '/map', '/unclaimed', '/incidents', '/settings/sources'] as const

it.each(LISTS)('%s while it loads', async (path) => {
  const page = await world.tab({ reducedMotion: 'reduce' })
  await page.route('**/graphql', () => {}) // the answer is on its way, for ever
  await page.goto(path)
  expect(await everywhere(page, () => page.getByRole('status', { name: /^Loading/ }).first().waitFor({ state: 'attached' }))).toEqual({})
})

it.each(LISTS)('%s when it cannot be read', async (path) => {
  const page = await world.tab({ reducedMotion: 'reduce' })
  await page.route('**/graphql', (route) => route.fulfill({ contentType: 'application/json', body: JSON.stringify({ errors: [{ message: 'The database is away.', extensions: { code: 'unavailable' } }] }) }))
  await page.goto(path)
  expect(await everywhere(page, () => page.getByRole('alert').getByText('The database is away.').first().waitFor())).toEqual({})
})

it('the banner of a lost connection', async () => {
  const page = await world.tab({ reducedMotion: 'reduce' })
  await world.during(async () => {
    await page.route('**/graphql', (route) => route.abort())
    await page.goto('/services')
    expect(await everywhere(page, () => page.getByText(/^Offline since/).waitFor())).toEqual({})
    await page.context().close() // it asks again and again
  })
})

it('the columns, and the naming of a view', async () => {
  const page = await world.open('/services?tier=0')
  await row(page).waitFor()
  await page.getByRole('button', { name: 'Save view' }).click()
  await page.getByRole('checkbox', { name: 'For everybody' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox').first().waitFor()
  expect(await violations(page)).toEqual([])
})
