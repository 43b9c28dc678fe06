import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { everywhere } from './axe'
import { live, useWorld } from './world'

const run = promisify(execFile)

/** Describes a service, sends what the page says to send, and sees both, on one page. */
async function begin(page: Page) {
  await page.getByLabel('Name').fill('pricing')
  await page.getByLabel('What it does').fill('Prices a cart: "fast"')
  await page.getByLabel('Team').fill('catalogue')
  await page.getByLabel('How bad').selectOption('1')
  await page.getByLabel('tidings.yaml').getByText('owner: catalogue').waitFor()
  await page.getByRole('button', { name: 'Put it on the roll' }).click()
  await page.getByRole('status').filter({ hasText: 'pricing is on the roll' }).waitFor()
  await live(page)
  const command = await page.getByLabel('Command', { exact: true }).innerText()
  expect(command).toContain('"subjects":["pricing"]')
  await run('sh', ['-c', command])
  await page.getByRole('status').filter({ hasText: 'We saw it: Deployed pricing 1.4.0' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/start')
}

describe('an empty installation', () => {
  const world = useWorld({ example: false })

  it('leads to the first service and the first change on one page', async () => {
    const page = await world.open('/')
    await page.getByRole('heading', { level: 1, name: 'Begin' }).waitFor()
    await begin(page)
    await page.getByRole('link', { name: 'All tools' }).waitFor()
    await page.getByRole('status').getByRole('link', { name: 'pricing', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'pricing' }).waitFor()
    await page.getByRole('article').filter({ hasText: '1.4.0' }).first().waitFor()
    // From now on one begins at the feed.
    await page.goto('/')
    await page.getByRole('heading', { level: 1, name: 'Feed' }).waitFor()
  })

  it('says what is wrong with a description', async () => {
    const page = await world.open('/start')
    await page.getByLabel('Name').fill('no/name')
    await page.getByRole('button', { name: 'Put it on the roll' }).click()
    await page.getByRole('alert').filter({ hasText: 'name' }).waitFor()
  })

  it('is for everybody', async () => {
    const page = await world.open('/start')
    expect(await everywhere(page, () => page.getByRole('button', { name: 'Put it on the roll' }).waitFor())).toEqual({})
  })
})

describe('an empty installation with a login', () => {
  const world = useWorld({ example: false, login: true })

  it('makes the token that the command needs', async () => {
    const page = await world.tab()
    await page.goto(await world.server.firstLink())
    await page.getByLabel('Login name').fill('maria')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Begin' }).waitFor()
    const command = page.getByLabel('Command', { exact: true })
    await command.getByText('$TIDINGS_TOKEN').waitFor()
    await page.getByRole('button', { name: 'Make a token for it' }).first().click()
    await command.getByText('$TIDINGS_TOKEN').waitFor({ state: 'detached' })
    await begin(page)
  })
})
