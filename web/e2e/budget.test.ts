import { expect, it } from 'vitest'
import { useWorld } from './world'

const world = useWorld()
const KB = 1024

it.each(['/feed', '/services', '/s/checkout-api'])('the first view of %s is small, and asks nobody else', async (path) => {
  const page = await world.tab()
  const sizes: Promise<{ type: string; size: number }>[] = []
  page.on('requestfinished', (request) => {
    const type = request.resourceType()
    if (type === 'script' || type === 'stylesheet' || type === 'font') sizes.push(request.sizes().then((s) => ({ type, size: s.responseBodySize })))
  })
  await page.goto(path)
  await page.locator('[data-row]').nth(3).waitFor()
  await page.waitForLoadState('load')
  const all = await Promise.all(sizes)
  const sum = (type: string) => all.filter((s) => s.type === type).reduce((total, s) => total + s.size, 0)
  expect(sum('script')).toBeGreaterThan(10 * KB)
  expect(sum('script'), 'JavaScript').toBeLessThanOrEqual(130 * KB)
  expect(sum('stylesheet'), 'CSS').toBeLessThanOrEqual(15 * KB)
  expect(sum('font'), 'fonts').toBeLessThanOrEqual(60 * KB)
})

it('paints its frame, in the colours that were chosen, while its script is on its way', async () => {
  const page = await world.tab({ colorScheme: 'light' })
  await page.addInitScript(() => localStorage.setItem('tidings.theme', 'dark'))
  let arrive = () => {}
  const arrived = new Promise<void>((done) => (arrive = done))
  await page.route('**/assets/index-*.js', async (route) => {
    await arrived
    await route.continue()
  })
  await page.goto('/feed', { waitUntil: 'commit' })
  await page.getByText('Tidings', { exact: true }).first().waitFor()
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe('dark')
  arrive()
  await page.getByRole('feed').getByRole('article').first().waitFor()
  expect(await page.getByText('Tidings', { exact: true }).count(), 'the frame is gone').toBe(0)
})
