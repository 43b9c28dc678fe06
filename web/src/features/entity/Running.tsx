import { ChevronRight } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Icon } from '@/components/Icon'
import { Pods, StatusGlyph } from '@/components/shapes'
import { Time } from '@/components/Time'
import type { EntityQuery } from '@/gql/graphql'
import { isWeb } from './facts'
import { coverageWords, places, type Run, stateOf, troubleWords } from './running'

type Known = NonNullable<EntityQuery['entity']>

/** So many are shown at first: a service that runs in every cluster has a line in each. */
const FIRST = 6

/** What runs where, as it is seen; and how far the log can be trusted to have told of it. */
export function Running({ entity, heading }: { entity: Known; heading: (title: string) => ReactNode }) {
  const [all, setAll] = useState(false)
  if (entity.running.length === 0) return null
  let left = all ? Infinity : FIRST
  const groups = places(entity.running)
  const covered = coverageWords(entity.coverage)
  return (
    <>
      {heading('Running now')}
      {groups.map(({ environment, runs }) => {
        const shown = runs.slice(0, left)
        left -= shown.length
        if (shown.length === 0) return null
        return (
          <section key={environment} aria-label={environment || 'No environment'} className="mb-1.5">
            {(environment || groups.length > 1) && <h3 className="text-12 leading-5 font-normal text-text-3">{environment || 'no environment'}</h3>}
            <ul>
              {shown.map((run) => (
                <li key={`${run.cluster}/${run.group}/${run.kind}/${run.name}/${run.version}`}>{run.seen ? <Seen run={run} /> : <Told run={run} />}</li>
              ))}
            </ul>
          </section>
        )
      })}
      {!all && entity.running.length > FIRST && (
        <button type="button" className="link text-[12.5px] max-sm:min-h-9" onClick={() => setAll(true)}>
          Show all {entity.running.length}
        </button>
      )}
      {covered && (
        <p className="mt-1 text-12 text-text-3" title="Of the changes that an agent saw in the last 30 days, those of which a pipeline or a tool told as well.">
          In 30 days {covered}.
        </p>
      )}
    </>
  )
}

/** The log alone tells of it: the latest deploy. */
function Told({ run }: { run: Run }) {
  return (
    <p className="truncate pl-[22px] leading-6">
      <code>{run.version}</code>{' '}
      <span className="text-text-3">
        since <Time iso={run.since} />
      </span>
    </p>
  )
}

function Seen({ run }: { run: Run }) {
  const { status, words } = stateOf(run)
  const counted = run.asked !== null && run.asked !== undefined
  return (
    <details className="group -mx-[7px] rounded-6 open:bg-sunken">
      <summary className="block list-none rounded-6 px-[7px] py-[3px] leading-5 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <span className="flex items-center gap-2">
          <StatusGlyph status={status} label={status === 'warn' ? 'In trouble' : status === 'running' ? 'Being changed' : ''} />
          <code className="min-w-0 truncate font-medium">{run.version || 'unknown version'}</code>
          <span className="ml-auto flex flex-none items-center gap-2 text-12 text-text-3">
            {counted && run.asked! <= 8 && run.asked! > 0 && <Pods from={run.asked!} to={run.ready} />}
            {counted && (
              <span>
                {run.ready}/{run.asked}
              </span>
            )}
            {run.schedule && <code>{run.schedule}</code>}
            <Icon of={ChevronRight} size={12} className="transition-transform group-open:rotate-90" />
          </span>
        </span>
        <span className="block truncate pl-[22px] text-12 leading-4 text-text-3">
          {[run.name, run.group, run.cluster].filter(Boolean).join(' · ')}
        </span>
        {words && <span className={status === 'warn' ? 'block pl-[22px] text-12 leading-[18px] text-warn' : 'block pl-[22px] text-12 leading-[18px] text-text-2'}>{words}</span>}
        {run.troubles.map((trouble) => (
          <span key={trouble} className="line-clamp-2 pl-[22px] text-12 leading-[18px] text-warn [overflow-wrap:anywhere]" title={trouble}>
            {troubleWords(trouble)}
          </span>
        ))}
      </summary>
      <dl className="px-[7px] pt-0.5 pb-1.5 pl-[29px] text-12 leading-[18px]">
        {run.message && <Fact name="Says">{run.message}</Fact>}
        {run.kind && <Fact name="Kind">{run.kind}</Fact>}
        <Fact name="Since">
          <Time iso={run.since} />
        </Fact>
        {run.most > 0 && (
          <Fact name="Scaled">
            by itself, {run.least} to {run.most}
          </Fact>
        )}
        {run.region && <Fact name="Region">{run.region}</Fact>}
        {run.commit && (
          <Fact name="Commit">
            <code>{run.commit.slice(0, 12)}</code>
          </Fact>
        )}
        {run.images.map((image) => (
          <Fact key={image.container} name={run.images.length > 1 ? image.container : 'Image'}>
            <code>{image.image}</code>
          </Fact>
        ))}
        {run.hosts.map((host) => {
          const url = `https://${host}`
          return (
            <Fact key={host} name="Host">
              {isWeb(url) && !host.includes('*') ? (
                <a href={url} target="_blank" rel="noreferrer" className="link">
                  {host}
                </a>
              ) : (
                host
              )}
            </Fact>
          )
        })}
      </dl>
    </details>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-2">
      <dt className="w-14 flex-none truncate text-text-3" title={name}>
        {name}
      </dt>
      <dd className="min-w-0 text-text-2 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  )
}
