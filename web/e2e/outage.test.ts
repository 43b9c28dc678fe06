import { expect, it } from 'vitest'
import { live, useWorld } from './world'

const world = useWorld()

it('a lost connection is said, and what happened meanwhile is there after it', async () => {
  const page = await world.open('/feed')
  const rows = page.getByRole('feed').getByRole('article')
  await rows.first().waitFor()
  await live(page)
  await page.evaluate(() => Object.assign(window, { stillHere: true }))

  await world.during(async () => {
    await world.server.stop()
    await page.getByText(/Offline since \d\d:\d\d/).waitFor()
    // What was there stays readable.
    expect(await rows.count()).toBeGreaterThan(5)
    await world.server.start()
    // The first two may come before the page is back, the last comes after.
    await world.server.post({ subjects: ['wishlist'], kind: 'deploy', title: 'Deployed wishlist 40.1.0', version: '40.1.0', actor: { type: 'person', name: 'Ada' } })
    await world.server.post({ subjects: ['returns'], kind: 'flag', title: 'returns: easy-returns on', diff: [{ field: 'easy-returns', old: 'off', new: 'on' }] })
    await live(page)
  })
  await page.getByText(/Offline since/).waitFor({ state: 'detached' })
  await world.server.post({ subjects: ['referrals'], kind: 'deploy', title: 'Deployed referrals 41.2.0', version: '41.2.0', actor: { type: 'person', name: 'Grace' } })
  for (const words of ['40.1.0', 'easy-returns', '41.2.0']) await rows.filter({ hasText: words }).first().waitFor()
  expect(await page.evaluate(() => 'stillHere' in window)).toBe(true)
})
