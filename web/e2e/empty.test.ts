import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { live, useWorld } from './world'

const run = promisify(execFile)

describe('the feed of a new installation', () => {
  const world = useWorld({ example: false })

  it('says how to begin, and that very command works', async () => {
    const page = await world.open('/feed')
    const command = await page.locator('pre').innerText()
    expect(command).toContain('curl -X POST')
    expect(command).toContain(world.server.url)
    await page.getByRole('button', { name: 'Copy', exact: true }).waitFor()
    await live(page)
    await run('sh', ['-c', command])
    await page.getByRole('feed').getByRole('article').first().filter({ hasText: 'my-service' }).waitFor()
    await page.locator('pre').waitFor({ state: 'detached' })

    await page.goto('/services?view=today')
    await page.getByRole('rowheader').filter({ hasText: 'my-service' }).waitFor()
  })
})

describe('the catalog of a new installation', () => {
  const world = useWorld({ example: false })

  it('says how to put a service on the roll, and that very command works', async () => {
    const page = await world.open('/services')
    const command = await page.locator('pre').innerText()
    expect(command).toContain(`curl -X PUT ${world.server.url}`)
    await live(page)
    await run('sh', ['-c', command])
    await page.getByRole('rowheader').filter({ hasText: 'my-service' }).waitFor()
    await page.locator('pre').waitFor({ state: 'detached' })
    await page.getByRole('row').filter({ hasText: 'my-service' }).getByText('my-team').waitFor()
  })
})
