import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Badge } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Chip } from '@/components/controls'
import { Icon } from '@/components/Icon'
import { Bar, CopyButton, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, Time } from '@/components/Time'
import { request } from '@/data/client'
import { DeliveriesDocument, type DeliveriesQuery, DeliveryDocument, type Outcome, ReplayDeliveryDocument, ReplayFailedDocument } from '@/gql/graphql'
import { Link, navigate } from '@/router'
import { JobProgress, useJob } from '@/shell/JobProgress'
import { keepShared, useUrl } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { Fact, OutcomeBadge, Wrong } from './parts'

type Line = DeliveriesQuery['deliveries']['nodes'][number]
const OUTCOMES: Outcome[] = ['taken', 'ignored', 'failed', 'refused']

/** What a source sent, the last first. `outcome` and `sel` of the address narrow it, and open one. */
export function Deliveries({ source, running }: { source: string; running: boolean }) {
  const { outcome, sel } = useUrl()
  const chosen = OUTCOMES.find((o) => o === outcome)
  const queries = useQueryClient()
  const may = useMay('deliveries.replay')
  const list = useInfiniteQuery({
    queryKey: ['deliveries', source, chosen],
    queryFn: async ({ pageParam, signal }) => (await request(DeliveriesDocument, { source, outcome: chosen ?? null, after: pageParam }, signal)).deliveries,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    // What is being read stays where it is: only the first page keeps itself up to date.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : 5000),
  })
  const id = `replay:${source} failed`
  const again = useMutation({
    mutationFn: async () => (await request(ReplayFailedDocument, { source })).replayFailed,
    onSuccess: (job) => queries.setQueryData(['job', id], job),
  })
  // A job that somebody else began shows as well.
  const job = useJob(may ? id : undefined)
  const reading = again.isPending || job.data?.state === 'waiting'
  const lines = list.data?.pages.flatMap((page) => page.nodes) ?? []
  const go = (change: { outcome?: string | undefined; sel?: string | undefined }) => navigate({ to: '.', search: (old) => clean({ ...old, ...change }) })
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <div role="group" aria-label="Outcome" className="flex flex-wrap gap-1.5">
          <Chip on={!chosen} onClick={() => go({ outcome: undefined, sel: undefined })}>
            All
          </Chip>
          {OUTCOMES.map((o) => (
            <Chip key={o} on={chosen === o} onClick={() => go({ outcome: chosen === o ? undefined : o, sel: undefined })}>
              {o}
            </Chip>
          ))}
        </div>
        {may && running && chosen === 'failed' && lines.length > 0 && (
          <Button small disabled={reading} onClick={() => again.mutate()}>
            <Icon of={RotateCcw} size={13} />
            {reading ? 'Reading them again' : 'Read all that failed again'}
          </Button>
        )}
      </div>
      <Wrong error={again.error} />
      {job.data && chosen === 'failed' && (
        <p role="status" className="mb-2 flex flex-wrap gap-x-2 text-text-2">
          {job.data.state === 'waiting' ? 'Read again so far:' : job.data.state === 'done' ? 'Read again:' : 'Read again, until it ended:'} <JobProgress job={job.data} />
          <Link to="/settings/jobs" search={keepShared} className="text-accent underline underline-offset-2">
            All jobs
          </Link>
        </p>
      )}
      {list.isPending && (
        <Loading what="the deliveries">
          <Bar width="60%" />
          <Bar width="70%" />
        </Loading>
      )}
      {list.isError && !list.data && <ErrorState title="The deliveries could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && lines.length === 0 && (
        <EmptyState title={chosen ? `None was ${chosen}` : 'Nothing was delivered yet'}>
          {chosen ? 'Of those that are kept: a delivery is kept for seven days.' : 'The first delivery shows here within seconds. See the steps under Set up.'}
        </EmptyState>
      )}
      <ul className="border-t border-border empty:hidden">
        {lines.map((line) => (
          <Row key={line.id} source={source} line={line} open={sel === line.id} onOpen={(on) => go({ sel: on ? line.id : undefined })} replay={may && running} />
        ))}
      </ul>
      {sel && list.isSuccess && !lines.some((line) => line.id === sel) && (
        <div className="border-b border-border py-2">
          <One source={source} id={sel} replay={may && running} />
        </div>
      )}
      {list.hasNextPage && (
        <Button className="mt-3" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  )
}

const clean = (search: Record<string, string | undefined>) => Object.fromEntries(Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined))

function Row({ source, line, open, onOpen, replay }: { source: string; line: Line; open: boolean; onOpen: (on: boolean) => void; replay: boolean }) {
  const wrong = line.outcome === 'failed' || line.outcome === 'refused'
  return (
    <li className="border-b border-border [contain-intrinsic-size:auto_40px] [content-visibility:auto]">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onOpen(!open)}
        className="grid min-h-10 w-full grid-cols-[92px_78px_minmax(0,1fr)_auto] items-center gap-x-3 py-1 text-left hover:bg-hover max-sm:min-h-12 max-sm:grid-cols-[72px_72px_minmax(0,1fr)]"
      >
        <Age ms={Date.parse(line.lastAt)} className="text-text-3" />
        <span>
          <OutcomeBadge outcome={line.outcome} />
        </span>
        <span className={wrong ? 'truncate text-warn' : 'truncate text-text-2'}>{line.reason || (line.eventCount === 1 ? 'one event' : `${line.eventCount} events`)}</span>
        <span className="text-12 text-text-3 max-sm:hidden">
          {line.times > 1 && `sent ${line.times} times, `}
          {bytes(line.bytes)}
        </span>
      </button>
      {open && <One source={source} id={line.id} replay={replay} />}
    </li>
  )
}

const bytes = (n: number) => (n < 1024 ? `${n} B` : n < 1024 * 1024 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1024 / 1024).toFixed(1)} MB`)

function One({ source, id, replay }: { source: string; id: string; replay: boolean }) {
  const queries = useQueryClient()
  const box = useRef<HTMLDivElement>(null)
  const query = useQuery({ queryKey: ['deliveries', source, 'one', id], queryFn: async ({ signal }) => (await request(DeliveryDocument, { source, id }, signal)).delivery })
  const again = useMutation({
    mutationFn: async () => (await request(ReplayDeliveryDocument, { source, id })).replayDelivery,
    onSettled: () => void queries.invalidateQueries({ queryKey: ['deliveries', source] }),
  })
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [query.isSuccess])
  if (query.isPending)
    return (
      <Loading what="the delivery">
        <Bar width="50%" />
      </Loading>
    )
  if (query.isError) return <ErrorState title="The delivery could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  const d = query.data
  if (!d) return <EmptyState title="It is not kept any more">A delivery is kept for seven days.</EmptyState>
  const body = d.body === null || d.body === undefined ? null : pretty(d.body)
  return (
    <div ref={box} className="scroll-mt-4 pb-3 pl-1">
      <dl className="mb-2 grid max-w-[760px] grid-cols-[84px_minmax(0,1fr)] gap-x-3 gap-y-0.5">
        <Fact name="Came">
          <Time iso={d.receivedAt} />
          {d.times > 1 && (
            <>
              , and {d.times} times in all, last <Time iso={d.lastAt} />
            </>
          )}
        </Fact>
        {d.reason && <Fact name="Why">{d.reason}</Fact>}
        {d.key && (
          <Fact name="Its own id">
            <code className="text-12">{d.key}</code>
          </Fact>
        )}
        {d.events && d.events.length > 0 && (
          <Fact name="In the log">
            <ul>
              {d.events.map((event) => (
                <li key={event.id}>
                  <Link to="/e/$event" params={{ event: event.id }} search={keepShared} className="text-accent underline underline-offset-2">
                    {event.title}
                  </Link>{' '}
                  <Badge>{event.phase}</Badge>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {d.headers && d.headers.length > 0 && (
          <Fact name="Headers">
            {d.headers.map((header, i) => (
              <code key={i} className="block text-12">
                {header.key}: {header.value}
              </code>
            ))}
          </Fact>
        )}
        {d.query && (
          <Fact name="Query">
            <code className="text-12">{d.query}</code>
          </Fact>
        )}
      </dl>
      {body === null ? (
        <p className="text-text-3">{d.outcome === 'refused' ? 'Nothing of the body is kept.' : `The body of ${bytes(d.bytes)} is not kept.`}</p>
      ) : (
        <pre tabIndex={0} aria-label="Body, without its secrets" className="scroll-thin max-h-[50vh] overflow-auto rounded-8 border border-border bg-sunken px-3 py-[9px] text-12 leading-[19px] text-text-2">
          {body}
        </pre>
      )}
      <div className="mt-2 flex flex-wrap items-center gap-2">
        {body !== null && <CopyButton text={body} look="plain" />}
        {replay && body !== null && d.outcome !== 'refused' && (
          <Button small disabled={again.isPending} onClick={() => again.mutate()}>
            <Icon of={RotateCcw} size={13} />
            Read it again
          </Button>
        )}
        {again.data && (
          <span role="status" className="text-text-2">
            It is {again.data.outcome} now{again.data.reason ? `: ${again.data.reason}` : again.data.events > 0 ? `, ${again.data.events === 1 ? 'one event' : `${again.data.events} events`}` : ''}.
          </span>
        )}
      </div>
      <Wrong error={again.error} />
    </div>
  )
}

/** JSON with its lines, as far as it is JSON and not too long to be read in one go. */
function pretty(text: string): string {
  if (text.length > 500_000) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
