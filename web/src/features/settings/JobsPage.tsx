import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Badge, type Tone } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Chip } from '@/components/controls'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { CancelJobDocument, type JobLineFragment, JobsDocument, type JobState, RetryJobDocument } from '@/gql/graphql'
import { navigate } from '@/router'
import { JobProgress } from '@/shell/JobProgress'
import { useUrl } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { Settings } from './Settings'

const STATES: JobState[] = ['waiting', 'dead', 'cancelled', 'done']
const WORDS: Record<JobState, string> = { waiting: 'on its way', dead: 'failed', cancelled: 'cancelled', done: 'done' }
const TONES: Record<JobState, Tone> = { waiting: 'outline', dead: 'warn', cancelled: 'plain', done: 'plain' }
const KINDS: Record<string, string> = {
  attribute: 'A claimed name gets its past',
  release: 'A name gives its past back',
  replay: 'Deliveries are read again',
  kinds: 'Old events are indexed by kind',
  page: 'Somebody is paged for an incident',
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

/** What is done in the background: how far it has come, why it failed, and what to do about it. */
export default function JobsPage() {
  const { outcome } = useUrl()
  const state = STATES.find((s) => s === outcome)
  const mayRead = useMay('deliveries.read')
  const list = useQuery({
    queryKey: ['jobs', state],
    queryFn: async ({ signal }) => (await request(JobsDocument, { state: state ?? null }, signal)).jobs,
    enabled: mayRead,
    refetchInterval: ({ state: { data } }) => (data?.some((job) => job.state === 'waiting') ? 1000 : 5000),
  })
  if (!mayRead)
    return (
      <Settings title="Jobs">
        <EmptyState title="Jobs are for operators">What is done in the background tells of deliveries and names. Ask an administrator for the role operator.</EmptyState>
      </Settings>
    )
  const choose = (to: JobState | undefined) => navigate({ to: '.', search: (old) => ({ ...old, outcome: to }) })
  return (
    <Settings title="Jobs">
      <div role="group" aria-label="State" className="flex flex-wrap gap-1.5 px-5 pt-4 pb-2 max-sm:px-4">
        <Chip on={!state} onClick={() => choose(undefined)}>
          All
        </Chip>
        {STATES.map((s) => (
          <Chip key={s} on={state === s} onClick={() => choose(state === s ? undefined : s)}>
            {capital(WORDS[s])}
          </Chip>
        ))}
      </div>
      {list.isPending && (
        <Loading what="the jobs">
          <div className="p-5">
            <Bar width="55%" />
            <Bar width="40%" />
          </div>
        </Loading>
      )}
      {list.isError && !list.data && <ErrorState title="The jobs could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.length === 0 && (
        <EmptyState title={state ? `None is ${WORDS[state]}` : 'Nothing was to be done in the background'}>
          A name that is claimed gets its past here, and deliveries that failed are read again. What has ended is kept for 30 days.
        </EmptyState>
      )}
      <ul className="mx-5 border-t border-border empty:hidden max-sm:mx-4">
        {list.data?.map((job) => (
          <Line key={job.id} job={job} />
        ))}
      </ul>
      {list.data?.length === 200 && <p className="px-5 pt-3 text-text-3 max-sm:px-4">These are the 200 that changed last.</p>}
    </Settings>
  )
}

function Line({ job }: { job: JobLineFragment }) {
  const queries = useQueryClient()
  const may = useMay('deliveries.replay')
  const settled = { onSettled: () => void queries.invalidateQueries({ queryKey: ['jobs'] }) }
  const retry = useMutation({ mutationFn: () => request(RetryJobDocument, { id: job.id }), ...settled })
  const cancel = useMutation({ mutationFn: () => request(CancelJobDocument, { id: job.id }), ...settled })
  const wrong = retry.error ?? cancel.error
  return (
    <li className="border-b border-border py-2 [contain-intrinsic-size:auto_64px] [content-visibility:auto]">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Badge tone={TONES[job.state]}>{WORDS[job.state]}</Badge>
        <span className="font-medium">{KINDS[job.kind] ?? job.kind}</span>
        <code className="min-w-0 text-12 text-text-2 [overflow-wrap:anywhere]">{job.about}</code>
        <span className="ml-auto flex items-center gap-2">
          {may && job.cancellable && (
            <Button small disabled={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel
            </Button>
          )}
          {may && job.retriable && (
            <Button small disabled={retry.isPending} onClick={() => retry.mutate()}>
              Try again
            </Button>
          )}
        </span>
      </div>
      <div className="mt-0.5 flex flex-wrap gap-x-3 text-text-2">
        <JobProgress job={job} />
        <span className="text-text-3">
          asked for by {job.by}, <Age ms={Date.parse(job.createdAt)} />
        </span>
      </div>
      {wrong && (
        <p role="alert" className="text-crit">
          {wrong.message}
        </p>
      )}
    </li>
  )
}
