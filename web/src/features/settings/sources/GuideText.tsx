import { lazy, Suspense } from 'react'
import { Bar } from '@/components/states'
import type { GuideTextFragment } from '@/gql/graphql'

const Markdown = lazy(() => import('@/components/Markdown'))

const loopback = /^(localhost|127\.|\[::1\])/

/** How the tool is set up: its own steps, with what is to be pasted filled in. */
export function GuideText({ guide, title, secret, issued }: { guide: GuideTextFragment; title: string; secret: string | undefined; issued: boolean }) {
  // A replacement as a function: what a secret holds must not be read as a pattern.
  const fill = (text: string) => (secret ? text.replace(/\bSECRET\b/g, () => secret) : text)
  const open = !secret && guide.ways.some((way) => (way.steps.join(' ') + way.notes).includes('SECRET'))
  return (
    <Suspense fallback={<Bar width="60%" />}>
      <div className="max-w-[760px]">
        {loopback.test(location.host) && guide.ways.some((way) => way.steps.join(' ').includes(location.origin)) && (
          <p className="mb-2 text-warn">
            This page is open at {location.host}, which only this machine reaches. Open it at the address that {title} can reach, and these steps have that instead.
          </p>
        )}
        {open && (
          <p className="mb-2 text-text-3">
            {issued ? 'SECRET stands for the secret.' : 'SECRET stands for the secret that was shown when it was made. Where nobody kept it, make a new one under Settings.'}
          </p>
        )}
        {guide.ways.map((way, i) => (
          <section key={i} className="mb-3">
            {way.title && guide.ways.length > 1 && <h2 className="mb-1 text-13 font-semibold">{way.title}</h2>}
            <ol className="flex flex-col gap-2.5">
              {way.steps.map((step, n) => (
                <li key={n} className="grid grid-cols-[20px_minmax(0,1fr)] gap-x-2">
                  <span aria-hidden className="pt-px text-right text-text-3">
                    {n + 1}.
                  </span>
                  <Markdown copy>{fill(step)}</Markdown>
                </li>
              ))}
            </ol>
            {way.notes && <Markdown copy>{fill(way.notes)}</Markdown>}
          </section>
        ))}
        {guide.rights && (
          <section className="mt-3">
            <h2 className="mb-0.5 text-13 font-semibold">Permissions</h2>
            <Markdown>{guide.rights}</Markdown>
          </section>
        )}
        {guide.gives && (
          <details className="mt-3">
            <summary className="cursor-pointer py-1 text-13 font-semibold">What becomes what</summary>
            <div tabIndex={0} role="region" aria-label="What becomes what" className="overflow-x-auto">
              <Markdown>{guide.gives}</Markdown>
            </div>
          </details>
        )}
        {guide.limits && (
          <details>
            <summary className="cursor-pointer py-1 text-13 font-semibold">Limits</summary>
            <Markdown>{guide.limits}</Markdown>
          </details>
        )}
      </div>
    </Suspense>
  )
}
