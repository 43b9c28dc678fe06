import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { compare, type Look, LOOKS, quiet, still } from './golden'
import { steady, telling, TOLD } from './told'
import { useWorld } from './world'

const world = useWorld()

type Ready = (page: Page) => Promise<unknown>
type Screen = { name: string; path: string | (() => Promise<string>); ready: Ready; looks?: Look[] }

const row: Ready = (page) => page.locator('[data-row]').first().waitFor()
const text = (words: string | RegExp): Ready => (page) => page.getByText(words).first().waitFor()
const titled = (words: string | RegExp): Ready => (page) => page.getByRole('heading', { name: words }).first().waitFor()

async function newest(filter: string): Promise<string> {
  const { feed } = await world.server.ask<{ feed: { rows: { event: { id: string } }[] } }>(`{ feed(filter: ${filter}, first: 1) { rows { event { id } } } }`)
  return feed.rows[0]!.event.id
}
const deploy = () => newest('{kinds: ["deploy"], services: ["checkout-api"]}')
const incident = async () => {
  const { incidents } = await world.server.ask<{ incidents: { nodes: { number: number; title: string }[] } }>('{ incidents { nodes { number title } } }')
  return incidents.nodes.find(({ title }) => title.includes('p99'))!.number
}

const SCREENS: Screen[] = [
  { name: 'feed', path: '/feed', ready: row },
  { name: 'feed-change', path: async () => `/feed?sel=${await deploy()}`, ready: (page) => page.getByRole('complementary', { name: 'Change' }).getByRole('heading').first().waitFor() },
  { name: 'feed-nothing', path: '/feed?q=zzzzzz', ready: titled(/^No /) },
  { name: 'services', path: '/services', ready: row },
  { name: 'services-nobody', path: '/services?view=nobody', ready: row },
  { name: 'services-columns', path: '/services?cols=tier,team,change,platform,system,description', ready: row },
  { name: 'services-migration', path: '/services?tag=migration:k8s-1.33', ready: (page) => page.getByRole('region', { name: 'Migration' }).waitFor() },
  { name: 'service', path: '/s/checkout-api', ready: row },
  { name: 'service-descriptor', path: '/s/checkout-api?dialog=tidings', ready: (page) => page.getByRole('dialog').locator('pre').first().waitFor() },
  { name: 'service-unknown', path: '/s/no-such', ready: titled(/^No /) },
  { name: 'team', path: '/t/payments', ready: row },
  { name: 'team-services', path: '/t/payments?part=services', ready: titled(/^Drift/) },
  { name: 'teams', path: '/teams', ready: text('Payments') },
  { name: 'person', path: '/r/person/priya.raman', ready: row },
  { name: 'system', path: '/r/system/checkout', ready: row },
  { name: 'resource', path: '/r/resource/ledger-db', ready: titled('ledger-db') },
  { name: 'on-call', path: '/on-call', ready: (page) => page.getByRole('list', { name: 'On call now' }).waitFor() },
  { name: 'map', path: '/map', ready: text('Platform') },
  { name: 'map-service', path: '/map?focus=service:checkout-api&sel=service:fraud-score', ready: text('fraud-score') },
  { name: 'map-list', path: '/s/checkout-api/deps?view=list', ready: titled(/^Circles/) },
  { name: 'incidents', path: '/incidents', ready: text(/^INC-/) },
  { name: 'incident', path: async () => `/i/${await incident()}`, ready: text('Suspects') },
  { name: 'change', path: async () => `/e/${await deploy()}`, ready: (page) => page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor() },
  { name: 'unclaimed', path: '/unclaimed', ready: (page) => page.getByRole('combobox').first().waitFor() },
  { name: 'start', path: '/start', ready: titled('Describe a service') },
  { name: 'sources', path: '/settings/sources', ready: titled(/^Nothing tells/) },
  { name: 'sources-new', path: '/settings/new-source', ready: text('GitHub') },
  { name: 'chat', path: '/settings/chat', ready: titled('No chat is connected') },
  { name: 'settings', path: '/settings/me', ready: titled('About') },
  { name: 'nowhere', path: '/nowhere', ready: titled(/^There is no page/) },
]

it.each(SCREENS)('$name looks as it did', async ({ name, path, ready, looks = Object.keys(LOOKS) as Look[] }) => {
  const differs: string[] = []
  const address = typeof path === 'string' ? path : await path()
  for (const look of looks) {
    const page = await still(world, look)
    await page.goto(address)
    await ready(page)
    await quiet(page)
    differs.push(await compare(page, `${name}-${look}`))
    await page.context().close()
  }
  expect(differs.filter(Boolean)).toEqual([])
})

it.each(Object.keys(LOOKS) as Look[])('a source that tells, and the jobs, look as they did, %s', async (look) => {
  await telling(world)
  const page = await still(world, look)
  const differs: string[] = []
  for (const [name, path, ready] of TOLD) {
    await page.goto(path)
    await ready(page)
    await quiet(page)
    await steady(page)
    differs.push(await compare(page, `${name}-${look}`))
  }
  expect(differs.filter(Boolean)).toEqual([])
})

it.each(['light', 'dark'] as const)('the palette and the help look as they did, %s', async (look) => {
  const page = await still(world, look)
  await page.goto('/services')
  await row(page)
  await page.keyboard.press('Control+k')
  await page.getByRole('listbox', { name: 'Results' }).getByRole('option').first().waitFor()
  await page.keyboard.type('fraud')
  await page.getByRole('option', { name: /fraud-score/ }).first().waitFor()
  await quiet(page)
  const differs = [await compare(page, `palette-${look}`)]
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator('body').press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await quiet(page)
  differs.push(await compare(page, `help-${look}`))
  expect(differs.filter(Boolean)).toEqual([])
})
