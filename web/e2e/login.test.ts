import { expect, it } from 'vitest'
import { everywhere } from './axe'
import { useWorld } from './world'

const world = useWorld({ login: true })

it('nobody is let in, and comes back to where they wanted to go', async () => {
  const page = await world.tab()
  await world.during(async () => {
    await page.goto('/services?q=check')
    await page.getByRole('heading', { name: 'You need a one-time link' }).waitFor()
  })
  expect(new URL(page.url()).searchParams.get('return')).toBe('/services?q=check')
  expect(await everywhere(page, () => page.getByRole('heading', { name: 'Northwind' }).waitFor())).toEqual({})
})

it('the first administrator comes in by the link of the console, lets somebody in, and makes a token', async () => {
  const page = await world.tab()
  await page.goto(await world.server.firstLink())
  await page.getByLabel('Login name').fill('ada')
  await page.getByLabel('Full name, if you like').fill('Ada Lovelace')
  expect(await everywhere(page, () => page.getByRole('button', { name: 'Log in', exact: true }).waitFor())).toEqual({})
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.locator('[data-row]').first().waitFor()
  expect(new URL(page.url()).pathname).toBe('/feed')

  await page.goto('/settings/me')
  await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
  await page.getByText('this one').waitFor()
  expect(await everywhere(page, () => page.getByText('this one').waitFor())).toEqual({})

  // Somebody else gets a link and may only read.
  await page.goto('/settings/people')
  await page.getByLabel('Role of the new account').selectOption('viewer')
  await page.getByRole('button', { name: 'Make a link', exact: true }).click()
  const link = await page.getByRole('status').locator('code').innerText()
  const other = await world.tab()
  await other.goto(link)
  await other.getByLabel('Login name').fill('ben')
  await other.getByRole('button', { name: 'Log in', exact: true }).click()
  await other.locator('[data-row]').first().waitFor()
  await other.goto('/settings/people')
  await other.getByRole('heading', { name: 'For administrators' }).waitFor()

  // The link is used up.
  const third = await world.tab()
  await world.during(async () => {
    await third.goto(link)
    await third.getByLabel('Login name').fill('eve')
    await third.getByRole('button', { name: 'Log in', exact: true }).click()
    await third.getByRole('alert').filter({ hasText: 'was used' }).waitFor()
  })

  // A token for a tool records events, and does nothing else.
  await page.goto('/settings/tokens')
  await page.getByRole('button', { name: 'Make one for a tool' }).click()
  await page.getByLabel('What is it for?').fill('jenkins')
  await page.getByLabel('Only as the source').fill('jenkins')
  expect(await everywhere(page, () => page.getByRole('button', { name: 'Make it' }).waitFor())).toEqual({})
  await page.getByRole('button', { name: 'Make it' }).click()
  const secret = await page.getByRole('status').locator('code').first().innerText()
  const send = (source: string) =>
    fetch(`${world.server.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
      body: JSON.stringify({ source, title: 'Deployed 1.2.3', kind: 'deploy', subjects: ['checkout-api'] }),
    })
  expect((await send('jenkins')).status).toBe(201)
  expect((await send('github')).status).toBe(403)
  expect((await fetch(`${world.server.url}/api/v1/events`, { headers: { Authorization: `Bearer ${secret}` } })).status).toBe(403)

  // Revoked, it is over at once.
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('button', { name: 'Revoke jenkins', exact: true }).click()
  await page.getByRole('button', { name: 'Yes, revoke jenkins' }).click()
  await page.getByText('revoked', { exact: true }).waitFor()
  expect((await send('jenkins')).status).toBe(401)

  // Whoever is disabled is out, wherever they are.
  await page.goto('/settings/people')
  await page.getByRole('button', { name: 'Disable ben', exact: true }).click()
  await page.getByRole('button', { name: 'Disable ben', exact: true }).click()
  await page.getByText('disabled', { exact: true }).waitFor()
  await world.during(async () => {
    await other.goto('/services')
    await other.getByRole('heading', { name: 'You need a one-time link' }).waitFor()
  })

  await page.goto('/settings/me')
  await world.during(async () => {
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'You need a one-time link' }).waitFor()
    await page.goto('/feed')
    await page.getByRole('heading', { name: 'You need a one-time link' }).waitFor()
  })
})
