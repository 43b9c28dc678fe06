import { expect, it } from 'vitest'
import { everywhere } from './axe'
import { useWorld } from './world'

const world = useWorld()

it('a place follows a team, and what cannot be delivered there is seen and sent again', async () => {
  // It is on this machine, where the server asks nobody: whatever is said there is refused at once.
  await world.server.ask('mutation { createSource(input: {name: "hook", type: "announce", settings: {format: "webhook"}}) { secret } }')
  for (const [field, secret] of [['address', 'https://127.0.0.1:9/hook'], ['secret', 'a-secret-to-sign-with']]) {
    await world.server.ask(`mutation { setSourceSecret(name: "hook", field: "${field}", secret: "${secret}") { secret } }`)
  }
  const page = await world.tab()
  await page.goto('/settings/chat')
  await page.getByRole('button', { name: 'Follow something' }).click()
  const form = page.getByRole('form', { name: 'Follow something' })
  await form.getByLabel(/^What\?/).fill('team:payments')
  await form.getByLabel(/^When\?/).selectOption('digest')
  await form.getByLabel(/^Incidents as well/).check()
  expect(await everywhere(page, () => form.waitFor())).toEqual({})
  await form.getByRole('button', { name: 'Follow it' }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'team payments to hook' })
  await row.getByText(/all of a day at 09:00 .*; incidents at once/).waitFor()

  await world.server.post({ source: 'pager', key: 'chat-1', kind: 'incident', phase: 'started', title: 'Payouts hang', subjects: ['service:payouts'], environment: 'sandbox' })
  await page.getByRole('button', { name: 'not delivered' }).click()
  const post = page.getByRole('list', { name: 'Posts' }).getByRole('listitem').filter({ hasText: 'incident' }).first()
  await post.getByText('is not an address of the public internet').waitFor()
  expect(await everywhere(page, () => post.waitFor())).toEqual({})
  await post.getByRole('button', { name: 'Send again: incident to hook' }).click()
  await post.getByText('is not an address of the public internet').waitFor()

  await row.getByRole('button', { name: /^End/ }).click()
  await row.getByRole('button', { name: 'Yes, end it' }).click()
  await row.waitFor({ state: 'detached' })
})
