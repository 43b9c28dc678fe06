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
