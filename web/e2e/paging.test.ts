import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, it } from 'vitest'
import { everywhere } from './axe'
import { required, Server } from './server'

/** The server that is paged through answers as PagerDuty's Events API v2 does. */
it('pages whoever is on call from the incident, after it asked, by keyboard and on the phone', async () => {
  const alerts: { dedup_key: string; payload: { custom_details: { said: string } } }[] = []
  const pager = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      alerts.push(JSON.parse(body))
      response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"status":"success","message":"Event processed"}')
    })
  }).listen(0, '127.0.0.1')
  const place = await mkdtemp(join(tmpdir(), 'tidings-pager-'))
  await writeFile(join(place, 'key'), 'a-routing-key')
  const server = new Server()
  const browser = await chromium.launch({ executablePath: required('TIDINGS_CHROMIUM') })
  try {
    await server.start({
      config: `sources:\n  - {name: pager, type: pagerduty, allow: [127.0.0.1], routing_key: "file:${place}/key", events_api: "http://127.0.0.1:${(pager.address() as AddressInfo).port}"}\n`,
    })
    await server.post({ kind: 'deploy', title: 'Deployed pricing v9', subjects: ['pricing'] })
    await server.ask('mutation { openIncident(input: {title: "Prices are wrong", services: ["pricing"]}) { number } }')
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    await page.goto(`${server.url}/i/1`)
    await page.getByRole('button', { name: 'Page', exact: true }).waitFor()
    await page.keyboard.press('p')
    const form = page.getByRole('form', { name: 'Page whoever is on call' })
    await form.waitFor()
    expect(await everywhere(page, () => form.waitFor())).toEqual({})
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
    expect(alerts).toEqual([])

    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('button', { name: 'Page whoever is on call' }).click()
    await form.getByLabel('What is said to whom is paged').fill('The rollback did not help')
    await form.getByRole('button', { name: 'Page' }).click()
    await page.getByRole('region', { name: 'Timeline' }).getByText('took the page').waitFor()
    expect(alerts.map((alert) => [alert.dedup_key, alert.payload.custom_details.said])).toEqual([['tidings/INC-1/pager', 'The rollback did not help']])
  } finally {
    await browser.close()
    await server.stop()
    pager.close()
    await rm(place, { recursive: true })
  }
})
