import { expect, it } from 'vitest'
import { useWorld } from './world'

const world = useWorld()

it('a name that is claimed brings its past to the service', async () => {
  const page = await world.open('/unclaimed')
  const row = page.getByRole('listitem').filter({ hasText: 'github:northwind/legacy-cron' })
  await row.getByText('3 events').waitFor()
  // Nobody has to know how it is called exactly, nor to leave the keyboard.
  await row.focus()
  await page.keyboard.press('e')
  await page.keyboard.type('zzzz')
  await row.getByRole('status').filter({ hasText: 'Nothing is called “zzzz”' }).waitFor()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('prici')
  await row.getByRole('option', { name: /^pricing\s*service/, selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: 'github:northwind/legacy-cron is pricing. 3 events are in place.' }).waitFor()
  await row.waitFor({ state: 'detached' })

  await page.goto('/s/pricing?deps=0&from=-30d&q=another%20week')
  await page.getByRole('feed').getByRole('article').filter({ hasText: 'Keep the job alive another week' }).first().waitFor()
  const aliases = await world.server.ask<{ entity: { aliases: string[] } }>('{ entity(ref: "service:pricing") { aliases } }')
  expect(aliases.entity.aliases).toContain('github:northwind/legacy-cron')
})

it('one key claims what has the focus, and one takes it back', async () => {
  const page = await world.open('/unclaimed')
  const rows = page.locator('[data-row]').filter({ has: page.locator('[data-suggestion]') })
  await rows.first().waitFor()
  const name = (await rows.first().locator('code').textContent())!
  await rows.first().focus()
  await page.keyboard.press('1')
  await page.getByRole('status').filter({ hasText: name }).waitFor()
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).waitFor()
  await page.keyboard.press('u')
  await page.locator('[data-row]').filter({ hasText: name }).waitFor()
})
