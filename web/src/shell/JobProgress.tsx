import { useQuery } from '@tanstack/react-query'
import { request } from '@/data/client'
import { JobDocument, type JobLineFragment } from '@/gql/graphql'

/** How far work in the background has come, in words and as a bar where its end is known. */
export function JobProgress({ job }: { job: Pick<JobLineFragment, 'state' | 'done' | 'total' | 'fault' | 'attempts' | 'kind'> }) {
  const what = job.kind === 'replay' ? 'deliveries' : 'events'
  const done = job.done.toLocaleString('en')
  const of = job.total ? ` of ${Math.max(job.total, job.done).toLocaleString('en')}` : ''
  const share = job.total ? Math.min(1, job.done / job.total) : null
  return (
    <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2">
      {job.state === 'waiting' && share !== null && (
        <span
          role="progressbar"
          aria-label={`${done}${of} ${what}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
          className="inline-block h-1.5 w-24 flex-none overflow-hidden rounded-full bg-sunken"
        >
          <span className="block h-full bg-accent" style={{ width: `${share * 100}%` }} />
        </span>
      )}
      <span>
        {done}
        {of} {what}
        {job.state === 'waiting' && job.attempts > 0 && `, failed ${job.attempts} times and tried again`}
      </span>
      {job.fault && <span className={job.state === 'cancelled' ? 'text-text-3' : 'text-warn'}>{job.fault}</span>}
    </span>
  )
}

/** One job, kept up to date until it ends; null where there is none. */
export function useJob(id: string | undefined) {
  return useQuery({
    queryKey: ['job', id],
    queryFn: async ({ signal }) => (await request(JobDocument, { id: id! }, signal)).job,
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? 1000 : false),
  })
}
