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

it('from the page to the likeliest change, and its undo copied, without a mouse', async () => {
  const page = await world.open('/feed', { permissions: ['clipboard-read', 'clipboard-write'] })
  await rows(page).first().waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.getByRole('link', { name: /p99 latency above 2 s/ }).first().waitFor()
  await expect
    .poll(async () => {
      await page.keyboard.press('Tab')
      return focused(page, (e) => (/^\/i\//.test(e.getAttribute('href') ?? '') ? (e.closest('li, tr, article, a')?.textContent ?? '') : ''))
    })
    .toMatch(/p99 latency/)
  await page.keyboard.press('Enter')
  await expect.poll(() => path(page)).toMatch(/^\/i\/\d+$/)
  const first = page.locator('#suspect-1')
  await first.getByRole('button', { name: 'Copy undo' }).waitFor()
  await page.keyboard.press('1')
  await expect
    .poll(async () => {
      await page.keyboard.press('Tab')
      return focused(page, (e) => (e.closest('#suspect-1') ? e.textContent : ''))
    })
    .toBe('Copy undo')
  await page.keyboard.press('Enter')
  await first.getByText('Copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^kubectl scale deployment\/fraud-score .*--replicas=?\s?10/)
})

it('tells what is cut, and when it was, by keyboard and under a finger', async () => {
  const page = await world.open('/services')
  await page.getByRole('rowheader').first().waitFor()
  await page.keyboard.press('j')
  const name = await focused(page, (e) => e.getAttribute('title') ?? '')
  expect(name).not.toBe('')
  await page.getByRole('tooltip').getByText(name).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('tooltip').waitFor({ state: 'detached' })

  const phone = await world.open('/feed', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const time = rows(phone).nth(1).getByRole('link').first()
  const at = (await time.boundingBox())!
  const finger = await phone.context().newCDPSession(phone)
  await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: at.x + 10, y: at.y + 8 }] })
  await phone.getByRole('tooltip').getByText('UTC', { exact: true }).waitFor()
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
})

it('Enter in a search waits for what the words find', async () => {
  const page = await world.open('/services')
  const all = page.getByRole('region', { name: 'Services' })
  await all.getByRole('link', { name: 'checkout-api', exact: true }).waitFor()
  let answer = () => {}
  const asked = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('"q":"pricing"')) await asked
    await route.continue()
  })
  await page.keyboard.press('/')
  await page.keyboard.type('pricing')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('pricing')
  expect(await focused(page, (e) => e.getAttribute('type'))).toBe('search')
  answer()
  await expect.poll(() => focused(page, (e) => e.textContent)).toBe('pricing')
})
