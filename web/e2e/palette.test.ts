import { expect, it } from 'vitest'
import { inUrl, useWorld } from './world'

const world = useWorld()

async function opened(path = '/feed') {
  const page = await world.open(path)
  await page.locator('[data-row]').first().waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /^Search services/ }).waitFor()
  return page
}

it('goes to any entity by keyboard alone, and remembers it', async () => {
  const page = await opened()
  await page.keyboard.type('fraud')
  const option = page.getByRole('option', { name: /^fraud-score/ }).first()
  await option.waitFor()
  expect(await option.getAttribute('aria-selected')).toBe('true')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/s/fraud-score')
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: /^fraud-score/ }).first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: /^Search services/ }).waitFor({ state: 'detached' })
})

it('loses nothing that is typed while its code is on its way', async () => {
  const page = await world.open('/feed')
  await page.locator('[data-row]').first().waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('fraud-s')
  await expect.poll(() => page.getByRole('combobox', { name: /^Search services/ }).inputValue()).toBe('fraud-s')
})

it('loses nothing that is typed at the moment when its field comes', async () => {
  const page = await world.open('/feed')
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  await page.route('**/assets/Palette-*.js', async (route) => {
    await arrived
    await route.continue()
  })
  await page.reload()
  await page.locator('[data-row]').first().waitFor()
  // A key that waited for the processor is handled right after the field has the focus.
  await page.evaluate(() => {
    const show = HTMLDialogElement.prototype.showModal
    HTMLDialogElement.prototype.showModal = function () {
      show.call(this)
      queueMicrotask(() => document.execCommand('insertText', false, 's'))
    }
  })
  await page.keyboard.press('Control+k')
  await page.keyboard.type('fraud-')
  arrive()
  await expect.poll(() => page.getByRole('combobox', { name: /^Search services/ }).inputValue()).toBe('fraud-s')
})

it('runs the commands of the page it was opened on, and finds changes', async () => {
  const page = await opened()
  await page.keyboard.type('go to the map')
  await page.getByRole('option', { name: /^Go to the map/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/map')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('p99 latency')
  await page.getByRole('option', { name: /INC-482/ }).first().waitFor()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('checkout')
  await page.getByRole('option', { name: /Show checkout-api on the map/ }).waitFor()
})

it('goes to nothing that only fits the words of before', async () => {
  const page = await opened()
  await page.keyboard.type('go to the m')
  await page.getByRole('option', { name: /^search-index/ }).waitFor()
  await page.route('**/graphql', (route) => (route.request().postData()?.includes('the ma') ? undefined : route.continue()))
  await page.keyboard.type('ap')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/map')
})

it('does what it offers by a key of its own, and marks what matches', async () => {
  const page = await opened()
  await page.keyboard.type('fraud')
  const map = page.getByRole('option', { name: /^Show fraud-score on the map/ })
  await map.getByText('Alt').waitFor()
  await expect.poll(() => page.getByRole('option', { name: /^Mail .* on call for fraud-score/ }).locator('mark').allInnerTexts()).toEqual(['fraud'])
  const [runbook] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Alt+r')])
  await runbook.close()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('fraud')
  await map.waitFor()
  await page.keyboard.press('Alt+m')
  await page.waitForURL('**/s/fraud-score/deps')
})

it('jumps to a time', async () => {
  const page = await opened()
  await page.keyboard.type('@20 min ago')
  await page.getByRole('option', { name: /What changed around/ }).waitFor()
  await page.keyboard.press('Enter')
  await expect.poll(() => inUrl(page, 'to')).toMatch(/^\d{4}-\d\d-\d\dT/)
})
