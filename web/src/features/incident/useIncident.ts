import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '@/data/client'
import {
  AcknowledgeIncidentDocument,
  AssignRoleDocument,
  FeedDocument,
  IncidentDocument,
  type IncidentPartsFragment,
  JudgeDocument,
  NoteIncidentDocument,
  PageForIncidentDocument,
  type RankingPartsFragment,
  ResolveIncidentDocument,
  SuspectsAtDocument,
  SuspectsRecordDocument,
} from '@/gql/graphql'
import { HOUR } from '@/time/format'
import { PACE, useRanking, useStir } from './useIncidents'

const isOpen = (incident: { status: string } | null | undefined) => incident?.status !== 'resolved'

/** Whether a pager was asked and has not taken it yet: no event of the log tells of that. */
function awaitsPager(incident: IncidentPartsFragment | null | undefined): boolean {
  const called = incident?.timeline.findLast((entry) => entry.kind === 'called')
  return isOpen(incident) && called !== undefined && !called.fields.some((field) => field.key === 'phase' && field.value === 'taken')
}

export function useIncident(number: number) {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['incident', number],
    queryFn: ({ signal }) => request(IncidentDocument, { number }, signal),
    refetchInterval: ({ state }) => awaitsPager(state.data?.incident) && PACE,
  })
  const incident = query.data?.incident
  const suspects = useRanking(incident ? number : undefined)
  useStir(query.isSuccess && isOpen(incident), () => {
    void queries.invalidateQueries({ queryKey: ['incident', number] })
    void queries.invalidateQueries({ queryKey: ['incident-suspects', number] })
  })
  const keep = (next: IncidentPartsFragment) => {
    queries.setQueryData(['incident', number], { incident: next })
    void queries.invalidateQueries({ queryKey: ['incidents'] })
  }
  const acknowledge = useMutation({
    mutationFn: () => request(AcknowledgeIncidentDocument, { number }),
    onSuccess: (data) => keep(data.acknowledgeIncident),
  })
  const resolve = useMutation({ mutationFn: () => request(ResolveIncidentDocument, { number }), onSuccess: (data) => keep(data.resolveIncident) })
  const assign = useMutation({
    mutationFn: ({ role, person }: { role: string; person: string | null }) => request(AssignRoleDocument, { number, role, person }),
    onSuccess: (data) => keep(data.assignRole),
  })
  const note = useMutation({ mutationFn: (text: string) => request(NoteIncidentDocument, { number, text }), onSuccess: (data) => keep(data.noteIncident) })
  const page = useMutation({
    mutationFn: ({ source, text }: { source: string; text: string }) => request(PageForIncidentDocument, { number, source, text }),
    onSuccess: (data) => keep(data.pageForIncident),
  })
  const judge = useMutation({
    mutationFn: ({ event, finding }: { event: string; finding: string }) => request(JudgeDocument, { number, event, finding }),
    onSuccess: () => {
      for (const key of ['incident', 'incident-suspects']) void queries.invalidateQueries({ queryKey: [key, number] })
      void queries.invalidateQueries({ queryKey: ['suspects-record'] })
    },
  })
  return { query, incident, suspects, acknowledge, resolve, assign, note, page, judge }
}

/** How the ranking did here, as people judged it. */
export function useTrackRecord() {
  return useQuery({ queryKey: ['suspects-record'], queryFn: async ({ signal }) => (await request(SuspectsRecordDocument, {}, signal)).suspectsRecord })
}

/** The same question without an incident: what could it be, in this service, at this time? */
export function useSuspectsAt(services: string[], at: string | null, environment: string | null) {
  return useQuery({
    queryKey: ['suspects-at', services, at, environment],
    queryFn: ({ signal }) => request(SuspectsAtDocument, { services, at, environment }, signal),
    enabled: services.length > 0,
    placeholderData: keepPreviousData,
  })
}

/** The alerts of the services that a ranking is about, and of what they depend on. */
export function useSignals(ranking: RankingPartsFragment | undefined) {
  const services = ranking?.services ?? []
  const at = ranking ? Date.parse(ranking.onset) : 0
  return useQuery({
    queryKey: ['signals', services, at],
    queryFn: async ({ signal }) => {
      const filter = { services, classes: ['signal'], withDependencies: true, depth: 2, since: new Date(at - 24 * HOUR).toISOString(), until: new Date(at + 24 * HOUR).toISOString() }
      const { feed } = await request(FeedDocument, { filter, first: 100 }, signal)
      return feed.rows.map((row) => row.event)
    },
    enabled: services.length > 0,
    placeholderData: keepPreviousData,
  })
}
