// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Link, navigate, Router, useLocation } from '.'
import { PATHS } from './paths'

const pages = Object.fromEntries(PATHS.map((path) => [path, { load: () => Promise.resolve() }])) as Parameters<typeof Router>[0]['pages']

function Where() {
  const { path, params, search } = useLocation()
  return <output>{JSON.stringify({ path, params, search })}</output>
}

beforeEach(() => {
  window.history.replaceState(null, '', '/feed?env=production&odd=1')
  render(
    <Router pages={pages}>
      <Link to="/feed" search={(old) => old}>
        Feed
      </Link>
      <Link to="/s/$service" params={{ service: 'checkout-api' }} search={({ env }) => ({ env })}>
        Service
      </Link>
      <Where />
    </Router>,
  )
})
afterEach(cleanup)

const where = () => JSON.parse(screen.getByRole('status').textContent!)

it('reads where it is', () => {
  expect(where()).toEqual({ path: '/feed', params: {}, search: { env: 'production', odd: '1' } })
})

it('draws real links, and marks the one that leads here', () => {
  expect(screen.getByRole('link', { name: 'Service' }).getAttribute('href')).toBe('/s/checkout-api?env=production')
  expect(screen.getByRole('link', { name: 'Feed' }).getAttribute('aria-current')).toBe('page')
  expect(screen.getByRole('link', { name: 'Service' }).getAttribute('aria-current')).toBeNull()
})

it('goes where a link leads, and back', async () => {
  fireEvent.click(screen.getByRole('link', { name: 'Service' }))
  await screen.findByText(/checkout-api/)
  expect(where()).toEqual({ path: '/s/$service', params: { service: 'checkout-api' }, search: { env: 'production' } })
  window.history.back()
  await screen.findByText(/"path":"\/feed"/)
})

it('leaves a click with a modifier to the browser', () => {
  let kept: boolean | undefined
  // The window hears it last: what the page has not stopped by then, the browser does.
  const last = (event: MouseEvent) => {
    kept = !event.defaultPrevented
    event.preventDefault()
  }
  window.addEventListener('click', last, { once: true })
  fireEvent.click(screen.getByRole('link', { name: 'Service' }), { ctrlKey: true })
  expect(kept).toBe(true)
  expect(window.location.pathname).toBe('/feed')
})

it('changes the search in place and keeps what it does not name', async () => {
  const steps = window.history.length
  navigate({ to: '.', search: (old) => ({ ...old, kind: 'deploy' }), replace: true })
  await screen.findByText(/deploy/)
  expect(window.location.search).toBe('?env=production&odd=1&kind=deploy')
  expect(window.history.length).toBe(steps)
})

it('makes no step for where it already is', () => {
  const steps = window.history.length
  navigate({ to: '.', search: (old) => old })
  expect(window.history.length).toBe(steps)
})
