import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { urlHas, useWorld } from './world'

const world = useWorld()
const profile = (page: Page) => page.getByRole('complementary', { name: 'Profile' })
const rows = (page: Page) => page.getByRole('feed').getByRole('article')

describe('the page of a service', () => {
  it('says what it is, who answers for it, and where its tools are', async () => {
    const page = await world.open('/s/checkout-api')
    await page.getByRole('heading', { level: 1, name: 'checkout-api' }).waitFor()
    for (const words of ['Turns a cart into a paid order', 'Tier 0', 'Priya Raman', 'Jonas Weber', 'payments-core', 'feel its loss', 'migration:']) {
      await profile(page).getByText(words).first().waitFor()
    }
    expect(await profile(page).getByRole('link', { name: 'Payments', exact: true }).first().getAttribute('href')).toBe('/t/payments')
    expect(await profile(page).getByRole('link', { name: /Runbook/ }).getAttribute('href')).toBe('https://docs.northwind.example/runbooks/checkout-api')
  })

  it('says who takes over, and when in both zones, as the pages of the team, of the person and of all on call do', async () => {
    const page = await world.open('/s/checkout-api')
    await profile(page).getByText(/^Next: \w{3} \d+ \w{3} \d\d:\d\d/).waitFor()
    await profile(page).getByRole('link', { name: 'Mara Lindqvist' }).click()
    await profile(page).getByText(/Next, primary from .* to /).waitFor()
    await page.goto('/t/payments')
    await profile(page).getByText(/^Next: /).waitFor()
    await page.goto('/on-call')
    const payments = page.getByRole('list', { name: 'On call now' }).getByRole('listitem').filter({ hasText: 'Payments' })
    await payments.getByText('Next: Mara Lindqvist').waitFor()
  })

  it('tells where each fact comes from', async () => {
    const page = await world.open('/s/checkout-api')
    await profile(page).getByText(/^From/).click()
    const fact = profile(page).locator('dl > div').filter({ has: page.locator('dt', { hasText: /^tier$/ }) })
    await fact.getByText(/confirmed .* ago/).waitFor()
    expect(await fact.innerText()).toMatch(/tidings\.yaml|example|file/i)
  })

  it('lets the changes of what it depends on in and out', async () => {
    const page = await world.open('/s/checkout-api')
    const choice = page.getByRole('switch', { name: 'With dependencies' })
    await rows(page).first().waitFor()
    expect(await choice.getAttribute('aria-checked')).toBe('true')
    await rows(page).filter({ hasText: 'dependency' }).first().waitFor()
    await choice.click()
    await urlHas(page, 'deps', '0')
    await expect.poll(() => rows(page).filter({ hasText: 'dependency' }).count()).toBe(0)
    await rows(page).first().waitFor()
    await choice.click()
    await rows(page).filter({ hasText: 'dependency' }).first().waitFor()
  })

  it('moves nothing on a phone when its incident and the suspects arrive', async () => {
    const page = await world.tab({ viewport: { width: 390, height: 844 } })
    // As on a slow line: each question is answered so much later than the one before it that the page is painted in between.
    await page.route('**/graphql', async (route) => {
      const late = /query (Incidents|IncidentSuspects)\b/.test(route.request().postData() ?? '')
      await new Promise((done) => setTimeout(done, late ? 800 : 0))
      await route.continue()
    })
    await page.addInitScript(() => {
      const shift = { sum: 0 }
      Object.assign(window, { shift })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) shift.sum += entry.value
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto('/s/checkout-api')
    await rows(page).first().waitFor()
    await page.getByText('Suspect 1:').waitFor()
    expect(await page.evaluate(() => (window as unknown as { shift: { sum: number } }).shift.sum)).toBeLessThan(0.05)
  })

  it('is on a phone about the person that it is of, part by part, each in the URL', async () => {
    const page = await world.open('/r/person/priya.raman', { viewport: { width: 390, height: 844 } })
    await page.getByText('priya.raman@northwind.example').first().waitFor()
    expect(await page.getByText('Nobody known on call').count()).toBe(0)
    const parts = page.getByRole('group', { name: 'Part of the page' }).getByRole('button')
    expect(await parts.count()).toBe(3)
    await parts.filter({ hasText: 'Profile' }).click()
    await urlHas(page, 'part', 'profile')
    await page.goBack()
    await rows(page).first().waitFor()
  })

  it('opens its links by single keys', async () => {
    const page = await world.open('/s/checkout-api')
    await profile(page).getByRole('link', { name: /Runbook/ }).waitFor()
    await page.evaluate(() => {
      window.open = (url) => {
        Object.assign(window, { opened: String(url) })
        return null
      }
    })
    for (const [key, host] of [['r', 'docs.northwind.example/runbooks'], ['d', 'grafana.northwind.example'], ['h', 'git.northwind.example']] as const) {
      await page.keyboard.press(key)
      await expect.poll(() => page.evaluate(() => (window as { opened?: string }).opened ?? '')).toContain(host)
    }
  })

  it('writes its annotations for a cluster, in each form', async () => {
    const page = await world.open('/s/checkout-api')
    await profile(page).getByRole('button', { name: 'Generate config' }).click()
    const dialog = page.getByRole('dialog', { name: 'Generate config' })
    await dialog.getByText('tidings.dev/owner: payments').waitFor()
    await urlHas(page, 'dialog', 'kubernetes')
    await dialog.getByRole('tab', { name: 'K8s YAML', exact: true }).focus()
    await page.keyboard.press('End')
    await urlHas(page, 'dialog', 'backstage')
    await page.getByRole('dialog', { name: 'Generate config' }).getByText('tidings apply -f catalog-info.yaml').waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await urlHas(page, 'dialog', 'kubectl')
    // It is written for the workload that the service is known as, until somebody names another.
    await dialog.getByText('kubectl annotate --overwrite --namespace payments deployment/checkout-api').waitFor()
    await dialog.getByLabel('Name', { exact: true }).fill('checkout')
    await dialog.getByLabel('Kind').selectOption('statefulset')
    await dialog.getByText('kubectl annotate --overwrite --namespace payments statefulset/checkout ').waitFor()
    await dialog.getByLabel('Namespace').fill('Not one')
    await dialog.getByRole('alert').getByText('"Not one" is no name of a namespace').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => new URL(page.url()).searchParams.has('dialog')).toBe(false)
    await page.goto('/s/checkout-api?dialog=helm')
    await dialog.getByLabel('Where the chart takes annotations').fill('api.deploymentAnnotations')
    await dialog.getByText('deploymentAnnotations:').waitFor()
    const file = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'values.yaml' }).click()
    expect((await file).suggestedFilename()).toBe('values.yaml')
  })

  it('helps on with a name that nothing has', async () => {
    const page = await world.tab()
    await page.goto('/s/no-such-service')
    await page.getByRole('heading', { name: 'No service is called no-such-service' }).waitFor()
    expect(await page.locator('pre').innerText()).toContain('"no-such-service"')
    await page.getByRole('button', { name: 'Copy', exact: true }).waitFor()
  })

  it('says so when the address leads nowhere', async () => {
    const page = await world.tab()
    await page.goto('/nowhere/at/all')
    await page.getByRole('heading').first().waitFor()
    await page.getByRole('main').getByRole('link').first().click()
    await rows(page).first().waitFor()
  })
})
