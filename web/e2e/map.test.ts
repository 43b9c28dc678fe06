import { expect, it } from 'vitest'
import { urlHas, useWorld } from './world'

const world = useWorld()

it('shows who calls a service and what it calls, with what changed and what is in trouble', async () => {
  const page = await world.open('/s/checkout-api/deps')
  await page.getByRole('button', { name: /^checkout-api.*Payments.*in focus, incident open/ }).waitFor()
  const left = async (name: RegExp) => (await page.getByRole('button', { name }).boundingBox())!.x
  const [caller, focus, called] = await Promise.all([left(/^web-storefront.*calls it/), left(/^checkout-api/), left(/^fraud-score.*is called/)])
  expect(caller).toBeLessThan(focus)
  expect(focus).toBeLessThan(called)
})

it('tells what changed in a service as the feed folds it', async () => {
  const page = await world.open('/map?focus=service:checkout-api&sel=service:fraud-score')
  const chosen = page.getByRole('complementary', { name: 'Chosen' })
  await chosen.getByText('9 services').waitFor()
  await chosen.getByText('Python, tier 1').waitFor()
  expect(await chosen.getByText(/ stopped$/).count(), 'pods that came and went').toBe(0)
})

it('is walked by keyboard alone, and centred where one likes', async () => {
  const page = await world.open('/feed')
  await page.locator('[data-row]').first().waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  await page.getByRole('heading', { name: 'Map' }).waitFor()
  await page.getByText('Platform').first().waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('checkout-a')
  await page.getByRole('option', { name: /checkout-api/ }).waitFor()
  await page.keyboard.press('Enter')
  await urlHas(page, 'focus', 'service:checkout-api')
  const focus = page.getByRole('button', { name: /^checkout-api.*in focus/ })
  await focus.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  const inspector = page.getByRole('complementary', { name: 'Chosen' })
  const name = await inspector.getByRole('heading').first().textContent()
  await inspector.getByRole('button', { name: 'Centre here' }).press('Enter')
  await page.getByRole('button', { name: new RegExp(`^${name}.*in focus`) }).waitFor()
  await page.goBack()
  await focus.waitFor()
})

it('tells paths, single points and circles, and has all of it in the list', async () => {
  const page = await world.open('/map?view=list')
  await page.getByRole('row', { name: /events-kafka.*single point/ }).waitFor()
  await page.getByRole('row', { name: /push-gateway.*circle 1/ }).waitFor()
  await page.goto('/map?focus=service:web-storefront')
  await page.getByRole('combobox', { name: /^To what does web-storefront lead/ }).fill('ledger-db')
  await page.getByRole('option', { name: /ledger-db/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('listitem').filter({ hasText: 'web-storefront › checkout-api › ledger-db' }).waitFor()
})

it('groups a large map by team, and opens a team', async () => {
  const page = await world.open('/map')
  await page.getByRole('button', { name: /^Payments.*14 entities/ }).dblclick()
  await urlHas(page, 'focus', 'team:payments')
  await page.getByRole('button', { name: /^payments-core.*in focus/ }).waitFor()
})

it('is a tree on a phone', async () => {
  const page = await world.open('/s/checkout-api/deps', { viewport: { width: 390, height: 844 } })
  await page.getByRole('link', { name: 'fraud-score' }).waitFor()
  await page.getByRole('list', { name: 'fraud-score calls' }).getByRole('link', { name: 'model-server' }).waitFor()
})

it('loads its code only when it is opened, and little of it', async () => {
  const page = await world.tab()
  const sizes: Promise<[string, number]>[] = []
  page.on('requestfinished', (request) => {
    if (request.resourceType() === 'script') sizes.push(request.sizes().then((s) => [request.url(), s.responseBodySize]))
  })
  await page.goto('/feed')
  await page.locator('[data-row]').nth(3).waitFor()
  const before = (await Promise.all(sizes)).length
  await page.goto('/map')
  await page.getByText('Platform').first().waitFor()
  const all = await Promise.all(sizes)
  expect(all.slice(0, before).some(([url]) => url.includes('/Map'))).toBe(false)
  const own = all.filter(([url]) => /\/(Map|EntityPicker)[^/]*\.js$/.test(url)).reduce((sum, [, size]) => sum + size, 0)
  expect(own).toBeGreaterThan(1024)
  expect(own).toBeLessThanOrEqual(25 * 1024)
})
