import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { Avatar } from '@/components/Avatar'
import { Badge } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Bar, CopyButton, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { InviteDocument, PeopleDocument, type PeopleQuery, type Role, SetDisabledDocument, SetRoleDocument } from '@/gql/graphql'
import { useMay, useViewer } from '@/shell/viewer'
import { inputClass, Section, Settings } from './Settings'

type Person = PeopleQuery['people']['nodes'][number]

const roles: Role[] = ['viewer', 'member', 'operator', 'administrator']

/** Who can log in, and what they may do. */
export default function PeoplePage() {
  const viewer = useViewer()?.viewer
  const may = useMay('people.read')
  const [q, setQ] = useState('')
  const [link, setLink] = useState<{ words: string; url: string } | null>(null)
  const asked = useDeferredValue(q.trim())
  const list = useInfiniteQuery({
    queryKey: ['people', asked],
    queryFn: ({ pageParam, signal }) => request(PeopleDocument, { q: asked || null, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.people.next ?? undefined,
    enabled: may && viewer?.noLogin === false,
    placeholderData: (old) => old,
  })
  const people = list.data?.pages.flatMap((page) => page.people.nodes) ?? []
  if (viewer?.noLogin)
    return (
      <Settings title="People">
        <EmptyState title="Login is off">
          Everyone who reaches this server is its administrator. Start tidings serve without --no-login to have accounts.
        </EmptyState>
      </Settings>
    )
  if (viewer && !may)
    return (
      <Settings title="People">
        <EmptyState title="For administrators">Only an administrator sees who can log in. Your own account is under You.</EmptyState>
      </Settings>
    )
  return (
    <Settings title="People" count={list.data?.pages[0]?.people.total}>
      <Section
        title="Who can log in"
        note="Groups of the identity provider give roles and teams, as the configuration says. A role that you give here stands above them."
        action={<Invite onLink={setLink} />}
      >
        {link && (
          <div role="status" className="mb-3 rounded-8 border border-border bg-sunken p-3">
            <p className="mb-1.5">{link.words} It is good once, for an hour.</p>
            <code className="block rounded-6 border border-border bg-surface px-2.5 py-1.5 text-12 [overflow-wrap:anywhere]">{link.url}</code>
            <div className="mt-2 flex gap-2">
              <CopyButton text={link.url} label="Copy the link" />
              <Button small onClick={() => setLink(null)}>
                Done
              </Button>
            </div>
          </div>
        )}
        <input
          type="search"
          aria-label="Find somebody"
          placeholder="Name or e-mail"
          value={q}
          onChange={(event) => setQ(event.target.value)}
          className={`${inputClass} mb-1 w-64 max-sm:w-full`}
        />
        {list.isPending && (
          <Loading what="people">
            <Bar width="40%" />
            <Bar width="55%" />
          </Loading>
        )}
        {list.isError && people.length === 0 && <ErrorState title="The people could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && people.length === 0 && <p className="py-2 text-text-3">Nobody is called that.</p>}
        <ul>
          {people.map((person) => (
            <PersonRow key={person.id} person={person} onLink={setLink} />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button className="mt-3" onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        )}
      </Section>
    </Settings>
  )
}

type OnLink = (link: { words: string; url: string }) => void

/** The secret stands behind the #: no server, log or proxy on the way sees it. */
const address = (secret: string) => `${window.location.origin}/login/link#${secret}`

function Invite({ onLink }: { onLink: OnLink }) {
  const [role, setRole] = useState<Role>('member')
  const invite = useMutation({
    mutationFn: () => request(InviteDocument, { role }),
    onSuccess: (made) => onLink({ words: `A link for a new ${role}.`, url: address(made.invite) }),
  })
  return (
    <>
      {invite.isError && (
        <span role="alert" className="text-crit">
          {invite.error.message}
        </span>
      )}
      <select aria-label="Role of the new account" className={inputClass} value={role} onChange={(event) => setRole(event.target.value as Role)}>
        {roles.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <Button disabled={invite.isPending} onClick={() => invite.mutate()}>
        Make a link
      </Button>
    </>
  )
}

function PersonRow({ person, onLink }: { person: Person; onLink: OnLink }) {
  const queries = useQueryClient()
  const [sure, setSure] = useState(false)
  const done = { onSettled: () => void queries.invalidateQueries({ queryKey: ['people'] }) }
  const setRole = useMutation({ mutationFn: (role: Role | null) => request(SetRoleDocument, { account: person.id, role }), ...done })
  const disable = useMutation({
    mutationFn: (disabled: boolean) => request(SetDisabledDocument, { account: person.id, disabled }),
    onSettled: () => {
      setSure(false)
      done.onSettled()
    },
  })
  const again = useMutation({
    mutationFn: () => request(InviteDocument, { account: person.id }),
    onSuccess: (made) => onLink({ words: `A link for ${person.name}.`, url: address(made.invite) }),
  })
  const error = setRole.error ?? disable.error ?? again.error
  const off = Boolean(person.disabledAt)
  const byGroups = person.givenRole ? null : person.role
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-b border-border py-2">
      <span className="flex min-w-0 flex-1 basis-64 items-center gap-2.5">
        <Avatar kind="person" name={person.title || person.name} size={24} />
        <span className="min-w-0">
          <span className="flex items-center gap-2">
            <b className={`truncate font-medium ${off ? 'text-text-3 line-through' : ''}`}>{person.title || person.name}</b>
            {off && <Badge>disabled</Badge>}
          </span>
          <span className="block truncate text-[12.5px] text-text-3">
            {[person.name, person.email, person.teams.join(', ')].filter((part, i) => part && (i !== 0 || person.title)).join(' · ')}
          </span>
        </span>
      </span>
      <span className="w-32 text-[12.5px] text-text-3">{person.seenAt ? <>Seen <Age ms={Date.parse(person.seenAt)} /></> : 'Never here'}</span>
      <span className="flex flex-none flex-wrap items-center gap-2">
        <select
          aria-label={`Role of ${person.name}`}
          className={inputClass}
          disabled={setRole.isPending || off}
          value={person.givenRole ?? ''}
          onChange={(event) => setRole.mutate((event.target.value || null) as Role | null)}
        >
          <option value="">{byGroups ? `${byGroups}, by groups` : 'as the groups say'}</option>
          {roles.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        {person.issuer === 'local' && !off && (
          <Button small disabled={again.isPending} onClick={() => again.mutate()} aria-label={`Make a link for ${person.name}`}>
            Make a link
          </Button>
        )}
        {off ? (
          <Button small disabled={disable.isPending} onClick={() => disable.mutate(false)}>
            Let in again
          </Button>
        ) : sure ? (
          <>
            <Button small autoFocus disabled={disable.isPending} onClick={() => disable.mutate(true)}>
              Disable {person.name}
            </Button>
            <Button small look="ghost" onClick={() => setSure(false)}>
              Keep
            </Button>
          </>
        ) : (
          <Button small onClick={() => setSure(true)} aria-label={`Disable ${person.name}`}>
            Disable
          </Button>
        )}
      </span>
      {error && (
        <p role="alert" className="basis-full text-crit">
          {error.message}
        </p>
      )}
    </li>
  )
}
