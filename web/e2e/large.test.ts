import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fillRoll } from './large'
import { urlHas, World } from './world'

// The journeys in an organisation of ten thousand services, with the example among them.
const SERVICES = 10_000
const LONG = 'messaging-schedule-reader-eu-west'

const world = new World()
beforeAll(async () => {
  await world.begin({ example: true })
  await fillRoll(world.server, SERVICES)
  const content = `name: ${LONG}\nowner: team-7\ntier: 0\nlanguage: typescript\ndepends_on: [ledger-worker-1, returns-address-collector]\n---\nname: returns-address-collector\nowner: team-8\ndepends_on: [${LONG}]\n`
  const response = await fetch(`${world.server.url}/api/v1/descriptors`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ documents: [{ name: 'long.yaml', content }] }) })
  expect(response.ok).toBe(true)
}, 300_000)
afterEach(async () => expect(await world.closeTabs()).toEqual([]))
afterAll(() => world.end())

const path = (page: Page) => new URL(page.url()).pathname
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '')
const row = (page: Page) => page.locator('[data-row]').first()

describe('by keyboard alone', () => {
  it('an owner is found, and who answers for it', async () => {
    const page = await world.open('/feed')
    await row(page).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('stock-worker-4901')
    await expect.poll(() => page.getByRole('listbox', { name: 'Results' }).getByRole('option', { selected: true }).textContent()).toContain('stock-worker-4901')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'stock-worker-4901' }).waitFor()
    const owner = page.getByRole('complementary', { name: 'Profile' }).getByRole('link', { name: 'team-101', exact: true })
    await owner.press('Enter')
    await expect.poll(() => path(page)).toBe('/t/team-101')
    await page.getByRole('heading', { level: 1, name: 'team-101' }).waitFor()
  })

  it('a team is searched for, and who of it is on call', async () => {
    const page = await world.open('/on-call')
    const list = page.getByRole('list', { name: 'On call now' })
    await list.waitFor()
    await page.getByRole('button', { name: /^Every team 2\d\d$/ }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('payments')
    await urlHas(page, 'q', 'payments')
    await list.getByRole('link', { name: 'Priya Raman', exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe('Payments')
    await page.goto('/on-call?view=nobody')
    // Those with nobody are counted over all teams, not over the first page of them.
    await page.getByRole('button', { name: /^Nobody on call 201$/ }).waitFor()
  })

  it('a migration is followed and narrowed', async () => {
    const page = await world.open('/services?tag=migration:grpc')
    await page.getByRole('region', { name: 'Migration' }).getByText(/^0 of 1,?000 done, 0 %$/).waitFor()
    await page.keyboard.press('f')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('checkbox')
    await page.keyboard.press('Tab') // past the only health that there is
    await page.keyboard.press('Space')
    await urlHas(page, 'tier', '0')
    await page.getByRole('status').filter({ hasText: /^500 of 10,0\d\d$/ }).waitFor()
    await page.locator('body').press('j')
    const name = await focused(page)
    await page.keyboard.press('Enter')
    await expect.poll(() => path(page)).toBe(`/s/${name}`)
  })

  it('a name is claimed, and its past comes along', async () => {
    await world.server.post({ subjects: ['github:acme/route-worker-16'], kind: 'deploy', title: 'Deployed route-worker-16 1.2.3', version: '1.2.3' })
    const page = await world.open('/unclaimed')
    const claimed = page.locator('[data-row]').filter({ hasText: 'github:acme/route-worker-16' })
    await claimed.getByRole('button', { name: /^It is route-worker-16/ }).waitFor()
    await claimed.focus()
    await page.keyboard.press('1')
    await page.getByRole('status').filter({ hasText: 'github:acme/route-worker-16 is route-worker-16. 1 event is in place.' }).waitFor()
    await page.goto('/s/route-worker-16?deps=0')
    await page.getByRole('feed').getByText('1.2.3').first().waitFor()
  })

  it('annotations are written for a service', async () => {
    const page = await world.open(`/s/${LONG}`)
    const button = page.getByRole('complementary', { name: 'Profile' }).getByRole('button', { name: 'Generate config' })
    await button.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('tidings.dev/owner: team-7').waitFor()
    await urlHas(page, 'dialog', 'kubernetes')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => focused(page)).toBe('Generate config')
  })
})

/** By mouse, and on a phone by touch. */
const HANDS = [
  ['mouse', { viewport: { width: 1440, height: 900 } }],
  ['mouse', { viewport: { width: 1024, height: 768 } }],
  ['touch', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const

describe.each(HANDS)('by %s, %o', (way, options) => {
  const touch = way === 'touch'
  const press = (what: Locator) => (touch ? what.tap() : what.click())
  const open = async (address: string) => {
    const page = await world.open(address, options)
    await page.locator('main :is(a, button):visible').first().waitFor()
    return page
  }
  const part = async (page: Page, name: string) => {
    if (touch) await press(page.getByRole('group', { name: 'Part of the page' }).getByRole('button', { name }))
  }

  it('an owner is found', async () => {
    const page = await open('/feed')
    await press(page.getByRole('button', { name: /^Search/ }).first())
    await page.keyboard.type('stock-worker-4901')
    await press(page.getByRole('option', { name: /stock-worker-4901/ }).first())
    await page.getByRole('heading', { level: 1, name: 'stock-worker-4901' }).waitFor({ state: 'attached' })
    await part(page, 'Profile')
    await press(page.getByRole('link', { name: 'team-101', exact: true }).first())
    await expect.poll(() => path(page)).toBe('/t/team-101')
  })

  it('a page is understood: the incident, the likeliest change, and what was changed', async () => {
    const page = await open('/services')
    const menu = page.getByRole('navigation', { name: touch ? 'Sections' : 'Main' })
    await press(menu.getByRole('link', { name: /^Incidents/ }))
    await press(page.getByRole('link', { name: /checkout-api p99 latency/ }).first())
    const second = page.locator('#suspect-2')
    await second.getByRole('heading', { name: /checkout-api/ }).waitFor()
    await press(second.getByRole('link', { name: /\d\d:\d\d:\d\d/ }))
    await page.getByRole('main').getByText('v4.18.1').first().waitFor()
    await page.getByRole('link', { name: 'Diff' }).first().waitFor()
  })

  it('a migration is planned: by tag, by team, and told', async () => {
    const page = await open('/services?tag=migration:grpc')
    const strip = page.getByRole('region', { name: 'Migration' })
    await strip.getByText(/^0 of 1,?\d\d\d done, 0 %$/).waitFor()
    // On a phone the list comes first.
    const closed = strip.getByRole('button', { name: 'Progress by team' })
    if (await closed.isVisible()) await press(closed)
    await strip.getByRole('img', { name: /^0 of 1,?\d\d\d done since / }).waitFor()
    await strip.getByText(/team-\d+/).first().waitFor()
    await strip.getByRole('button', { name: /Markdown/ }).waitFor()
  })

  it('a name is claimed for a service of which a part is known', async () => {
    const alias = `gitlab:acme/${way}-${options.viewport.width}`
    await world.server.post({ subjects: [alias], kind: 'deploy', title: `Deployed ${alias}`, version: '1' })
    const page = await open('/unclaimed')
    const claimed = page.locator('[data-row]').filter({ hasText: alias })
    await press(claimed.getByRole('combobox'))
    await page.keyboard.type('gateway-9974')
    const option = claimed.getByRole('option', { name: /gateway-9974/ })
    await option.waitFor()
    const { x, width } = (await option.boundingBox())!
    expect(x >= 0 && x + width <= options.viewport.width, 'what is found stands on the page').toBe(true)
    await press(option)
    await page.getByRole('status').filter({ hasText: `${alias} is ` }).waitFor()
    await press(page.getByRole('button', { name: 'Undo' }))
    await claimed.waitFor()
  })

  it('annotations are written', async () => {
    const page = await open(`/s/${LONG}`)
    await part(page, 'Profile')
    await press(page.getByRole('button', { name: 'Generate config' }))
    await page.getByRole('dialog').getByText('tidings.dev/owner: team-7').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Copy', exact: true }).waitFor()
  })

  it('the first service is described', async () => {
    const page = await open('/start')
    const name = `first-${way}-${options.viewport.width}`
    await press(page.getByLabel('Name', { exact: true }))
    await page.keyboard.type(name)
    await press(page.getByRole('button', { name: 'Put it on the roll' }))
    await press(page.getByRole('link', { name }).first())
    await expect.poll(() => path(page)).toBe(`/s/${name}`)
  })
})

it('the map of the whole draws what can be read, and says what it leaves out', async () => {
  const page = await world.open('/map')
  await page.getByRole('status').filter({ hasText: /others are left out/ }).waitFor()
  const nodes = page.getByRole('button', { name: /entities/ })
  expect(await nodes.count()).toBeGreaterThan(20)
  expect(await page.locator('[data-node]').count()).toBeLessThanOrEqual(100)
})

/** Screens that name a service whose name is long, and the others. */
const NAMING = [`/services?q=${LONG}`, `/s/${LONG}/deps?view=list`, '/t/team-7?part=services']
const SCREENS = [...NAMING, '/feed', '/services', `/s/${LONG}`, '/t/team-7', '/teams', '/on-call', '/incidents', `/at?service=${LONG}`, '/map?view=list', '/unclaimed', '/settings/sources', '/settings/me', '/start']

// 320 px is also what a laptop has at a zoom of 400 per cent (WCAG 1.4.10).
it.each([320, 390, 768, 1024, 1280])('nothing is cut or scrolls sideways at %i px', async (width) => {
  const page = await world.tab({ viewport: { width, height: 844 }, reducedMotion: 'reduce' })
  const found: Record<string, unknown> = {}
  for (const screen of SCREENS) {
    await page.goto(screen)
    await page.locator('h1').first().waitFor({ state: 'attached' })
    await page.locator('main :is(a, button):visible').first().waitFor()
    if (NAMING.includes(screen)) await page.locator('main a').filter({ hasText: LONG }).first().waitFor()
    await page.getByRole('status', { name: /^Loading/ }).first().waitFor({ state: 'detached' })
    const seen = await page.evaluate(() => {
      const names = [...document.querySelectorAll<HTMLAnchorElement>('main a')].filter((link) => link.pathname === `/s/${link.textContent}` && link.checkVisibility())
      const cut = names.filter((link) => getComputedStyle(link).display !== 'inline' && (link.scrollWidth > link.clientWidth + 1 || link.scrollHeight > link.clientHeight + 1))
      return { wide: document.documentElement.scrollWidth, cut: cut.map((link) => `${link.textContent} in ${link.parentElement!.className}`) }
    })
    if (seen.wide > width || seen.cut.length > 0) found[screen] = seen
  }
  expect(found).toEqual({})
})

it('words that are cut are whole in a tooltip', async () => {
  const page = await world.tab({ viewport: { width: 1024, height: 844 }, reducedMotion: 'reduce' })
  let cut = 0
  for (const screen of [...SCREENS, '/s/checkout-api']) {
    await page.goto(screen)
    await page.locator('main :is(a, button):visible').first().waitFor()
    await page.getByRole('status', { name: /^Loading/ }).first().waitFor({ state: 'detached' })
    const silent = await page.evaluate(() => {
      const found = [...document.querySelectorAll<HTMLElement>('*')].filter((e) => getComputedStyle(e).textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth && e.checkVisibility() && e.tagName !== 'SELECT')
      for (const words of found) words.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
      return { count: found.length, silent: found.filter((words) => !words.closest('[title]')).map((words) => `${words.textContent} in ${words.className}`) }
    })
    cut += silent.count
    expect(silent.silent, screen).toEqual([])
  }
  expect(cut).toBeGreaterThan(0)
})
