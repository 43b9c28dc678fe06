import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { live, useWorld } from './world'

const world = useWorld({ example: false })
const run = promisify(execFile)

it('a new installation says how to begin, and that very command works', async () => {
  const page = await world.open('/feed')
  const command = await page.locator('pre').innerText()
  expect(command).toContain('curl -X POST')
  expect(command).toContain(world.server.url)
  await page.getByRole('button', { name: 'Copy', exact: true }).waitFor()
  await live(page)
  await run('sh', ['-c', command])
  await page.getByRole('feed').getByRole('article').first().filter({ hasText: 'my-service' }).waitFor()
  await page.locator('pre').waitFor({ state: 'detached' })
})

it('the catalog says how to put a service on the roll', async () => {
  const page = await world.open('/services?q=my-')
  await page.getByRole('rowheader').filter({ hasText: 'my-service' }).waitFor()
  await page.goto('/services?view=today')
  await page.getByRole('rowheader').filter({ hasText: 'my-service' }).waitFor()
})
