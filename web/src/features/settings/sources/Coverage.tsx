import { useQuery } from '@tanstack/react-query'
import { Badge } from '@/components/Badge'
import { Bar, ErrorState, Loading } from '@/components/states'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { SourceCoverageDocument } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { Fact } from './parts'

const count = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** How much of what a source should tell arrives: its kinds, its rate, its names, and what was seen without it. */
export function Coverage({ source }: { source: string }) {
  const query = useQuery({
    queryKey: ['source', source, 'coverage'],
    queryFn: async ({ signal }) => (await request(SourceCoverageDocument, { name: source }, signal)).source,
    staleTime: 30_000,
  })
  if (query.isPending)
    return (
      <Loading what="what arrived">
        <Bar width="55%" />
        <Bar width="40%" />
      </Loading>
    )
  if (query.isError) return <ErrorState title="What arrived could not be counted" error={query.error} onRetry={() => void query.refetch()} />
  const c = query.data?.coverage
  if (!c) return null
  const missing = c.kinds.filter((kind) => kind.events === 0)
  const seen = c.seenAndTold + c.seenAndToldByOthers + c.seenOnly
  return (
    <section aria-label="Arrived" className="max-w-[860px]">
      <p className="mb-2 text-text-3">
        {count(c.events, 'event')} of the last 30 days{c.partial && ', the newest of more'}.
      </p>
      <dl className="grid grid-cols-[108px_minmax(0,1fr)] gap-x-3 gap-y-1.5">
        <Fact name="Kinds">
          {c.kinds.length === 0 && 'nothing came yet'}
          <ul className="flex flex-wrap gap-1.5">
            {c.kinds
              .filter((kind) => kind.events > 0)
              .map((kind) => (
                <li key={kind.kind}>
                  <Badge>
                    {kind.kind} {kind.events.toLocaleString('en')}
                  </Badge>
                  {kind.lastAt && (
                    <span className="ml-1 text-12 text-text-3">
                      <Age ms={Date.parse(kind.lastAt)} />
                    </span>
                  )}
                </li>
              ))}
          </ul>
          {missing.length > 0 && (
            <p className="mt-1">
              Its tool can tell of {missing.map((kind) => kind.kind).join(', ')} as well: none came. See under Set up which of its events are to be sent.
            </p>
          )}
        </Fact>
        <Fact name="Rate">
          {count(c.told, 'event')} in 24 hours
          {c.usual == null ? '; what is usual is known after two weeks' : `, usually about ${Math.round(c.usual).toLocaleString('en')} in these hours of the week`}
        </Fact>
        <Fact name="Names">
          {count(c.entities, 'entity', 'entities')} found
          {c.unclaimedCount > 0 ? (
            <>
              ,{' '}
              <Link to="/unclaimed" search={keepShared} className="text-accent underline underline-offset-2">
                {count(c.unclaimedCount, 'name')} unclaimed
              </Link>
              <ul className="mt-1">
                {c.unclaimed.map((name) => (
                  <li key={name.name} className="flex gap-2">
                    <code className="min-w-0 text-12 [overflow-wrap:anywhere]">{name.name}</code>
                    <span className="flex-none text-12 text-text-3">{count(name.events, 'event')}</span>
                  </li>
                ))}
              </ul>
            </>
          ) : (
            ', none unclaimed'
          )}
        </Fact>
        <Fact name="Seen">
          {seen === 0
            ? 'nobody looks at what these run on: an agent would tell which deploys this source leaves out'
            : `of ${count(seen, 'deploy')} that ${seen === 1 ? 'was' : 'were'} seen, this source told ${c.seenAndTold.toLocaleString('en')}, others ${c.seenAndToldByOthers.toLocaleString('en')}, nobody ${c.seenOnly.toLocaleString('en')}`}
        </Fact>
      </dl>
    </section>
  )
}
