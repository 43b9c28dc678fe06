import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { inUrl, live, urlHas, useWorld } from './world'

const world = useWorld()

const rows = (page: Page) => page.getByRole('feed').getByRole('article')
const filters = (page: Page) => page.getByRole('complementary', { name: 'Filters' })
const scroller = (page: Page) => page.getByRole('feed').locator('xpath=..')

describe('the feed', () => {
  it('opens with the newest changes, and their counts', async () => {
    const page = await world.open('/')
    await rows(page).first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/feed')
    expect(await page.title()).toContain('Northwind')
    await page.getByRole('heading', { level: 1, name: 'Feed' }).waitFor()
    await page.getByRole('img', { name: /changes, \d+ by people and \d+ by automation/ }).waitFor()
    await page.getByText('INC-482').first().waitFor()
  })

  it('names the suspect that is in a group, beside a rollout under way and one taken back', async () => {
    const page = await world.open('/feed')
    const group = rows(page).filter({ hasText: '9 services' }).first()
    await group.getByRole('link', { name: 'fraud-score is suspect 1' }).waitFor()
    await rows(page).filter({ hasText: 'rolling out' }).first().waitFor()
    await rows(page).filter({ hasText: 'rolled back' }).first().waitFor()
    await group.getByRole('link', { name: 'fraud-score is suspect 1' }).click()
    await page.getByRole('region', { name: 'Suspects' }).waitFor()
  })

  it('is narrowed by kind, environment and team, in the URL, and goes back and forward', async () => {
    const page = await world.open('/feed?from=-7d')
    await filters(page).getByRole('button', { name: 'only Deploys' }).click()
    await urlHas(page, 'kind', 'deploy')
    await filters(page).getByRole('checkbox', { name: /^production/ }).check()
    await urlHas(page, 'env', 'production')
    await page.keyboard.press('f')
    await page.keyboard.type('team:payments')
    await page.keyboard.press('Enter')
    await urlHas(page, 'team', 'payments')

    // Every row that is left is a deploy of that team in production.
    const titles = page.getByRole('feed').locator('[title="Deploys"], [title="Rollbacks"]')
    await expect.poll(async () => (await titles.count()) === (await rows(page).count()) && (await rows(page).count()) > 0).toBe(true)
    await expect.poll(() => rows(page).filter({ hasText: /pricing|web-storefront/ }).count()).toBe(0)

    await page.goBack()
    await urlHas(page, 'team', null)
    await page.goBack()
    await urlHas(page, 'env', null)
    expect(await filters(page).getByRole('checkbox', { name: /^production/ }).isChecked()).toBe(false)
    await page.goForward()
    await urlHas(page, 'env', 'production')
    expect(await filters(page).getByRole('checkbox', { name: /^production/ }).isChecked()).toBe(true)
  })

  it('tells a time once to whoever lives by UTC, and twice to others', async () => {
    for (const [timezoneId, lines] of [['UTC', 1], ['Europe/Berlin', 2]] as const) {
      const page = await world.open('/feed', { timezoneId })
      await rows(page).first().waitFor()
      expect(await rows(page).first().locator('time').first().locator('span').count()).toBe(lines)
    }
  })

  it('shows an event as it comes, at the top, without loading anew', async () => {
    const page = await world.open('/feed')
    await rows(page).first().waitFor()
    await live(page)
    await page.evaluate(() => Object.assign(window, { stillHere: true }))
    await world.server.post({ subjects: ['pricing'], kind: 'deploy', title: 'Deployed pricing 99.0.1', version: '99.0.1', environment: 'production' })
    await rows(page).first().filter({ hasText: '99.0.1' }).waitFor()
    expect(await page.evaluate(() => 'stillHere' in window)).toBe(true)
  })

  it('holds what is new while one reads further down', async () => {
    const page = await world.open('/feed?from=-7d')
    await rows(page).nth(5).waitFor()
    await live(page)
    await scroller(page).evaluate((element) => element.scrollTo({ top: 1500 }))
    // A row in the middle of the view is the one being read.
    const middle = () =>
      page.evaluate(() => [...document.querySelectorAll<HTMLElement>('[data-row]')].find((row) => row.getBoundingClientRect().top > 450)?.dataset.row ?? null)
    await expect.poll(() => scroller(page).evaluate((element) => element.scrollTop)).toBe(1500)
    await expect.poll(middle).not.toBeNull()
    const reading = page.locator(`[data-row="${await middle()}"]`)
    const before = await reading.boundingBox()
    await world.server.post({ subjects: ['loyalty'], kind: 'config', title: 'loyalty: double points on', diff: [{ field: 'DOUBLE', old: 'off', new: 'on' }] })
    const pill = page.getByRole('button', { name: '1 new' })
    await pill.waitFor()
    expect((await reading.boundingBox())?.y).toBe(before!.y)
    await pill.click()
    await rows(page).first().filter({ hasText: 'DOUBLE' }).waitFor()
    await pill.waitFor({ state: 'detached' })
  })

  it('opens a story into its steps', async () => {
    const page = await world.open('/feed')
    const story = rows(page).filter({ hasText: 'web-storefront' }).filter({ hasText: 'v9.2.0' }).first()
    const toggle = story.getByRole('button', { name: /Show its \d+ events/ })
    const count = Number(/\d+/.exec((await toggle.getAttribute('aria-label')) ?? '')?.[0])
    await toggle.click()
    await expect.poll(() => story.getByRole('button', { name: 'Hide its events' }).getAttribute('aria-expanded')).toBe('true')
    await expect.poll(() => story.locator('ul li, ol li').count()).toBeGreaterThanOrEqual(count - 1)
  })

  it('reads on while one scrolls', async () => {
    const page = await world.open('/feed?from=-30d')
    await rows(page).first().waitFor()
    const furthest = () => rows(page).last().getAttribute('aria-posinset').then(Number)
    await expect
      .poll(async () => {
        await scroller(page).evaluate((element) => element.scrollTo({ top: element.scrollHeight }))
        return furthest()
      })
      .toBeGreaterThan(100)
    // Only the rows near the view exist.
    expect(await rows(page).count()).toBeLessThan(50)
  })

  it('takes its window from a mark across the histogram', async () => {
    const page = await world.open('/feed')
    const chart = page.getByRole('img', { name: /changes, \d+ by people/ })
    const box = (await chart.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.3, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => inUrl(page, 'from')).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(Date.parse(inUrl(page, 'to')!)).toBeGreaterThan(Date.parse(inUrl(page, 'from')!))
  })
})

it('shows the histogram as a table, by keyboard and from the address', async () => {
  const page = await world.open('/feed?from=-7d')
  const chart = page.getByRole('img', { name: /changes, \d+ by people/ })
  const said = (await chart.getAttribute('aria-label'))!.match(/^([\d,]+) changes, ([\d,]+) by people and ([\d,]+) by automation/)!.slice(1).map(Number)
  await page.getByRole('button', { name: 'Show as table' }).press('Enter')
  const figures = page.getByRole('region', { name: /^Changes over time/ })
  await urlHas(page, 'chart', 'table')
  await chart.waitFor({ state: 'detached' })
  // A view is not another one for it.
  await page.getByRole('link', { name: 'All changes' }).and(page.locator('[aria-current=page]')).waitFor()
  await page.reload()
  await figures.getByRole('row').nth(1).waitFor()
  const sums = await figures.getByRole('row').evaluateAll((rows) => rows.slice(1).map((row) => [...row.querySelectorAll('td')].slice(-3).map((cell) => Number(cell.textContent))))
  expect([2, 0, 1].map((i) => sums.reduce((sum, row) => sum + row[i]!, 0))).toEqual(said)
  // It is scrolled by the keyboard.
  await figures.focus()
  await page.keyboard.press('End')
  await expect.poll(() => figures.evaluate((box) => box.scrollTop)).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Show as chart' }).click()
  await chart.waitFor()
  await urlHas(page, 'chart', null)
})

describe('a range of the feed', () => {
  it('is copied as Markdown, all of it, with times that cannot be misread', async () => {
    const page = await world.open('/feed?kind=deploy&from=-7d', { permissions: ['clipboard-read', 'clipboard-write'] })
    await rows(page).first().waitFor()
    await page.getByRole('button', { name: 'Copy as Markdown' }).click()
    await page.getByRole('status').filter({ hasText: /^[\d,]+ copied$/ }).waitFor()
    const text = await page.evaluate(() => navigator.clipboard.readText())
    const lines = text.trim().split('\n')
    expect(lines[0]).toBe('## Deploys')
    expect(lines[2]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]:00 \((\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\dZ\) to .*newest first: \d+ changes/)
    const items = lines.filter((line) => line.startsWith('- '))
    expect(items.length).toBeGreaterThan(await rows(page).count())
    expect(items.every((line) => /^- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \(.*Z\): .*\/e\/[0-9a-f-]{36}\)\)?$/.test(line))).toBe(true)
    // The link says the same tomorrow.
    expect(lines[2]).toMatch(/from=\d{4}-/)
  })

  it('is printed without the frame, and every row of it', async () => {
    const page = await world.open('/feed?from=-7d', { colorScheme: 'dark' })
    await rows(page).first().waitFor()
    const printing = page.evaluate(
      () =>
        new Promise<void>((done) => {
          window.print = () => {
            window.dispatchEvent(new Event('beforeprint'))
            done()
          }
        }),
    )
    const drawn = await rows(page).count()
    await page.getByRole('button', { name: 'Print' }).click()
    await printing // it fetches older rows before
    await page.emulateMedia({ media: 'print' })
    await expect.poll(() => rows(page).count()).toBeGreaterThan(drawn)
    expect(await page.getByRole('complementary', { name: 'Filters' }).isVisible()).toBe(false)
    expect(await page.getByRole('navigation', { name: 'Main' }).isVisible()).toBe(false)
    const paper = await page.evaluate(() => [document.documentElement.scrollHeight, window.innerHeight, getComputedStyle(document.body).color] as const)
    expect(paper[0]).toBeGreaterThan(paper[1])
    expect(paper[2]).toBe('rgb(21, 23, 28)')
    await page.emulateMedia({ media: 'screen' })
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')))
    await expect.poll(() => rows(page).count()).toBeLessThan(drawn * 2)
  })
})
