import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useWorld } from './world'

const world = useWorld()
const rows = (page: Page) => page.getByRole('feed').getByRole('article')
const focused = <T>(page: Page, read: (element: Element) => T) => page.evaluate(`(${read.toString()})(document.activeElement)`) as Promise<T>
const path = (page: Page) => new URL(page.url()).pathname

it('feed, service, change and back, without a mouse', async () => {
  const page = await world.open('/feed?kind=deploy&env=production')
  await rows(page).nth(2).waitFor()

  // Down two rows, then into the row: its time, then its service.
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect.poll(() => focused(page, (e) => e.getAttribute('aria-posinset'))).toBe('2')
  await expect
    .poll(async () => {
      await page.keyboard.press('Tab')
      return focused(page, (e) => e.getAttribute('href') ?? '')
    })
    .toMatch(/^\/s\//)
  const service = await focused(page, (e) => e.textContent)
  await page.keyboard.press('Enter')
  await expect.poll(() => path(page)).toBe(`/s/${service}`)
  // The rows of the feed stand until those of the service have come.
  await page.getByRole('heading', { name: service ?? '', exact: true }).first().waitFor()
  await rows(page).first().waitFor()

  // A change of the service, beside the list; Esc gives the list back with its place.
  await page.keyboard.press('j')
  await expect.poll(() => focused(page, (e) => e.getAttribute('role') ?? e.tagName)).toBe('ARTICLE')
  const id = await focused(page, (e) => (e as HTMLElement).dataset.row)
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Change' })
  await panel.getByRole('link', { name: 'Open as a page' }).waitFor()
  await expect.poll(() => focused(page, (e) => e.getAttribute('aria-label'))).toBe('Change')
  await expect
    .poll(async () => {
      await page.keyboard.press('Tab')
      return focused(page, (e) => e.getAttribute('aria-label'))
    })
    .toBe('Open as a page')
  await page.keyboard.press('Enter')
  await expect.poll(() => path(page)).toMatch(/^\/e\//)
  await page.getByRole('heading', { level: 2 }).first().waitFor()

  await page.goBack()
  await expect.poll(() => path(page)).toBe(`/s/${service}`)
  await panel.waitFor()
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await page.locator(`[data-row="${id}"]`).waitFor()

  // Home by the letters, and the catalog.
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await expect.poll(() => path(page)).toBe('/feed')
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await expect.poll(() => path(page)).toBe('/services')
})

it('letters do nothing while one types', async () => {
  const page = await world.open('/services')
  await page.getByRole('searchbox').fill('')
  await page.getByRole('searchbox').pressSequentially('gfjk?')
  expect(path(page)).toBe('/services')
  expect(await page.getByRole('searchbox').inputValue()).toBe('gfjk?')
  expect(await page.getByRole('dialog').count()).toBe(0)
})
