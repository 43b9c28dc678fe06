import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { inUrl, live, urlHas, useWorld } from './world'

const world = useWorld()
const names = (page: Page) => page.getByRole('table', { name: 'Services' }).getByRole('rowheader').getByRole('link')
const filters = (page: Page) => page.getByRole('complementary', { name: 'Filters' })
const total = async () => (await world.server.ask<{ entities: { total: number } }>('{ entities(filter: {kinds: [service]}) { total } }')).entities.total

describe('the catalog', () => {
  it('lists every service, and counts them', async () => {
    const page = await world.open('/services')
    await names(page).first().waitFor()
    const all = await total()
    await page.getByRole('status').filter({ hasText: `${all} services` }).waitFor()
    await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(all + 1))
    await page.getByRole('link', { name: `All ${all}` }).waitFor()
    await page.getByRole('row', { name: /email-render/ }).getByText('Nobody').waitFor()
  })

  it('finds as one types, with a typo', async () => {
    const page = await world.open('/services')
    await names(page).first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('chekout-api')
    await expect.poll(() => names(page).allInnerTexts()).toEqual(['checkout-api'])
    await urlHas(page, 'q', 'chekout-api')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('checkout-api')
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    await urlHas(page, 'q', null)
  })

  it('says what leaves nothing, and leads back', async () => {
    const page = await world.open('/services?q=zzzzzz&tier=0')
    await page.getByRole('heading', { name: 'No service matches “zzzzzz”, in tier 0' }).waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await names(page).first().waitFor()
    expect(new URL(page.url()).search).toBe('')
  })

  it('is narrowed by facets, in the URL', async () => {
    const page = await world.open('/services')
    const box = filters(page).getByRole('checkbox', { name: /^Python/ })
    await box.check()
    await urlHas(page, 'language', 'python')
    await filters(page).getByRole('checkbox', { name: /^Tier 1/ }).check()
    await urlHas(page, 'tier', '1')
    const want = await world.server.ask<{ entities: { nodes: { name: string }[] } }>(
      '{ entities(filter: {kinds: [service], languages: ["python"], tiers: [1]}, sort: health) { nodes { name } } }',
    )
    await expect.poll(() => names(page).allInnerTexts()).toEqual(want.entities.nodes.map((node) => node.name))
    await page.goBack()
    await urlHas(page, 'tier', null)
    expect(await box.isChecked()).toBe(true)
  })

  it('sorts, says so, and keeps it in the URL', async () => {
    const page = await world.open('/services')
    const head = (name: string) => page.getByRole('columnheader', { name })
    await names(page).first().waitFor()
    for (const [name, sort, direction] of [
      ['Service', 'name', 'ascending'],
      ['Tier', 'tier', 'ascending'],
      ['Team', 'owner', 'ascending'],
      ['Last change', 'last_change', 'descending'],
    ] as const) {
      await head(name).getByRole('button').click()
      await urlHas(page, 'sort', sort)
      await expect.poll(() => head(name).getAttribute('aria-sort')).toBe(direction)
      const want = await world.server.ask<{ entities: { nodes: { name: string }[] } }>(
        'query($sort: EntitySort) { entities(filter: {kinds: [service]}, sort: $sort, first: 5) { nodes { name } } }',
        { sort },
      )
      await expect.poll(async () => (await names(page).allInnerTexts()).slice(0, 5)).toEqual(want.entities.nodes.map((node) => node.name))
    }
  })

  it('puts the unhealthy first, narrows by health, and hears of what breaks', async () => {
    const page = await world.open('/services')
    await names(page).first().waitFor()
    expect(await page.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('health')
    const want = async (filter: string) =>
      (await world.server.ask<{ entities: { nodes: { name: string }[] } }>(`{ entities(filter: {kinds: [service]${filter}}, sort: health) { nodes { name } } }`)).entities.nodes.map((node) => node.name)
    await expect.poll(async () => (await names(page).allInnerTexts()).slice(0, 5)).toEqual((await want('')).slice(0, 5))
    expect((await want(''))[0]).toBe('checkout-api')
    await page.getByRole('row', { name: /checkout-api/ }).getByText(/^Incident: /).waitFor({ state: 'attached' })

    await filters(page).getByRole('checkbox', { name: /^Alert firing/ }).check()
    await urlHas(page, 'health', 'alert')
    await expect.poll(() => names(page).allInnerTexts()).toEqual(await want(', healths: [alert]'))
    await live(page)
    await world.server.post({ subjects: ['app-config'], kind: 'alert', phase: 'started', key: 'disk', title: 'The disk is full', started_at: new Date().toISOString() })
    await page.getByRole('row', { name: /app-config/ }).getByText('Alert: The disk is full').waitFor({ state: 'attached' })
    await world.server.post({ subjects: ['app-config'], kind: 'alert', phase: 'succeeded', key: 'disk', title: 'The disk is full', started_at: new Date().toISOString() })
    await expect.poll(() => names(page).allInnerTexts()).not.toContain('app-config')
  })

  it('shows its views', async () => {
    const page = await world.open('/services')
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /Nobody on call/ }).click()
    await urlHas(page, 'view', 'nobody')
    await expect.poll(() => names(page).allInnerTexts()).toContain('notifications')
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /Unowned/ }).click()
    await expect.poll(() => names(page).allInnerTexts()).toEqual(['tidings'])
  })

  it('is read by keyboard, and opens', async () => {
    const page = await world.open('/services')
    await names(page).first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const second = await names(page).nth(1).innerText()
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(second)
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/s/${second}`)
    await page.goBack()
    await names(page).first().waitFor()
  })

  it('keeps the last change of a row current', async () => {
    const page = await world.open('/services')
    const row = page.getByRole('row', { name: /app-config/ })
    await row.waitFor()
    await live(page)
    await world.server.post({ subjects: ['app-config'], kind: 'deploy', title: 'Deployed app-config 7.7.7', version: '7.7.7' })
    await row.getByText('7.7.7').waitFor()
    await row.getByText('now').waitFor()
  })

  it('writes what the filter shows to a file, which no spreadsheet runs', async () => {
    const name = 'csv-risk'
    const response = await fetch(`${world.server.url}/api/v1/entities/service/${name}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ description: '=HYPERLINK("http://evil.example","x"), and more', owner: 'team:payments' }),
    })
    expect(response.ok).toBe(true)
    const page = await world.open('/services?team=payments')
    await names(page).filter({ hasText: name }).waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
    expect(download.suggestedFilename()).toMatch(/^services-\d{4}-\d\d-\d\d\.csv$/)
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
    expect(lines[0]).toMatch(/^\uFEFFservice,title,description,tier,/)
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(await names(page).allInnerTexts())
    expect(lines.find((line) => line.startsWith(name))).toContain(`"'=HYPERLINK(""http://evil.example"",""x""), and more"`)
    expect(lines.find((line) => line.startsWith('checkout-api'))).toContain('Priya Raman')
    await page.getByRole('status').filter({ hasText: 'services written' }).waitFor()
  })

  it('has its filters in a drawer where there is no room, and never scrolls sideways', async () => {
    const page = await world.open('/services?sort=name', { viewport: { width: 390, height: 844 } })
    await page.getByRole('list', { name: 'Services' }).getByText('nobody on call').first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.getByRole('button', { name: 'Filters' }).click()
    const drawer = page.getByRole('dialog', { name: 'Filters' })
    await drawer.getByRole('checkbox', { name: /^Tier 0/ }).check()
    await urlHas(page, 'tier', '0')
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    expect(inUrl(page, 'tier')).toBe('0')
  })
})

describe('what the catalog shows', () => {
  it('is chosen by column, in the URL, and as close as the reader likes it', async () => {
    const page = await world.open('/services')
    const heads = () => page.getByRole('columnheader').allInnerTexts()
    await names(page).first().waitFor()
    expect(await heads()).toEqual(['Service', 'Tier', 'Team', 'On call', 'Last change', 'Tags'])
    await page.getByRole('button', { name: 'Columns' }).click()
    const drawer = page.getByRole('dialog', { name: 'Columns' })
    await drawer.getByRole('checkbox', { name: 'Tags' }).uncheck()
    await drawer.getByRole('checkbox', { name: 'Platform' }).check()
    await drawer.getByRole('checkbox', { name: 'System' }).check()
    await urlHas(page, 'cols', 'tier,team,duty,change,platform,system')
    const height = async () => (await page.getByRole('row', { name: /checkout-api/ }).boundingBox())!.height
    const usual = await height()
    await drawer.getByRole('switch', { name: 'Compact lines' }).click()
    await expect.poll(height).toBeLessThan(usual)
    await page.keyboard.press('Escape')
    expect(await heads()).toEqual(['Service', 'Tier', 'Team', 'On call', 'Last change', 'Platform', 'System'])
    await page.getByRole('row', { name: /checkout-api/ }).getByRole('cell', { name: 'Kubernetes' }).waitFor()
    await page.reload()
    await names(page).first().waitFor()
    expect((await heads()).at(-1)).toBe('System')
    expect(await height()).toBeLessThan(usual)
  })

  it('is saved as a view, for oneself or for everybody, and taken away again', async () => {
    const page = await world.open('/services?team=payments&cols=tier,change')
    const views = page.getByRole('navigation', { name: 'Views' })
    await views.getByRole('button', { name: 'Save view' }).click()
    await page.keyboard.type('What payments runs')
    await views.getByRole('checkbox', { name: 'For everybody' }).check()
    await views.getByRole('button', { name: 'Save' }).click()
    await views.getByRole('link', { name: 'Shared: What payments runs' }).waitFor()

    const other = await world.open('/services', { viewport: { width: 390, height: 844 } })
    await other.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Shared: What payments runs' }).click()
    await urlHas(other, 'team', 'payments')
    await other.getByRole('button', { name: 'Remove the view What payments runs' }).click()
    await expect.poll(async () => (await world.server.ask<{ views: unknown[] }>('{ views(page: services) { id } }')).views).toEqual([])
  })
})
