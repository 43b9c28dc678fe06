import { expect, it } from 'vitest'
import { urlHas, useWorld } from './world'

const world = useWorld()

it('a migration is followed, edited for many at once, and kept as a view', async () => {
  const page = await world.open('/services?tag=migration:k8s-1.33')
  const strip = page.getByRole('region', { name: 'Migration' })
  await strip.getByText('4 of 12 done, 33 %').waitFor()
  // How it came there, as a chart and as figures, which are in the address.
  await strip.getByRole('img', { name: /^4 of 12 done since .*; the last on / }).waitFor()
  await strip.getByRole('button', { name: 'Show as table' }).press('Enter')
  const figures = strip.getByRole('region', { name: 'k8s-1.33 over time' })
  await figures.getByRole('table').waitFor()
  const told = await figures.getByRole('row').evaluateAll((rows) => rows.slice(1).map((row) => [...row.querySelectorAll('td')].slice(-3).map((cell) => cell.textContent).join(' ')))
  expect(told).toEqual(['0 10 10', '1 9 10', '1 11 12', '2 10 12', '3 9 12', '4 8 12'])
  await urlHas(page, 'progress', 'table')
  await page.reload()
  await figures.waitFor()
  await strip.getByRole('button', { name: 'Show as chart' }).click()
  await strip.getByRole('img').waitFor()
  await strip.getByRole('button', { name: 'Hide progress' }).click()
  await strip.getByRole('img').waitFor({ state: 'detached' })
  // One team moves its own, all at once.
  await page.goto('/services?tag=migration:k8s-1.33&team=payments')
  await strip.getByText(/^0 of \d+ done/).waitFor()
  await page.getByRole('button', { name: 'Edit all' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit all of these services' })
  await dialog.getByRole('textbox', { name: 'Value' }).fill('migrated:k8s-1.33')
  await dialog.getByRole('button', { name: /^Edit \d+/ }).click()
  await dialog.getByText(/^(\d+) of \1 were edited\.$/).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await strip.getByText(/^(\d+) of \1 done, 100 %$/).waitFor()

  await page.goto('/services')
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^k8s-1.33 \d+ of 12$/ }).click()
  await urlHas(page, 'tag', 'migration:k8s-1.33')
  await strip.getByRole('listitem').filter({ hasText: 'Payments' }).getByText('all done').waitFor()
  await page.getByRole('button', { name: 'Save view' }).click()
  await page.keyboard.type('Move to 1.33')
  await page.keyboard.press('Enter')
  await page.goto('/services')
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Move to 1.33' }).click()
  await strip.waitFor()

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSON' }).click()])
  expect(download.suggestedFilename()).toMatch(/^services-.*\.json$/)
})
