/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type EntityFilter = {
  healths?: Array<Health> | null | undefined;
  kinds?: Array<EntityKind> | null | undefined;
  languages?: Array<string> | null | undefined;
  lifecycles?: Array<string> | null | undefined;
  owners?: Array<string> | null | undefined;
  platforms?: Array<string> | null | undefined;
  q?: string | null | undefined;
  systems?: Array<string> | null | undefined;
  /** `key` or `key:value`; every one given must match. */
  tags?: Array<string> | null | undefined;
  tiers?: Array<number> | null | undefined;
  /** True keeps only what nobody owns. */
  unowned?: boolean | null | undefined;
};

export type EntityKind =
  | 'api'
  | 'person'
  | 'resource'
  | 'service'
  | 'system'
  | 'team';

export type EntitySort =
  | 'health'
  | 'last_change'
  | 'name'
  | 'owner'
  | 'tier';

export type FeedFilter = {
  /** person, automation or unknown */
  actorTypes?: Array<string> | null | undefined;
  actors?: Array<string> | null | undefined;
  /** change, signal or note */
  classes?: Array<string> | null | undefined;
  /** Only what was seen by looking, and told by nobody. */
  dark?: boolean | null | undefined;
  depth?: number | null | undefined;
  /** Any entity references: services, resources, systems, teams. */
  entities?: Array<string> | null | undefined;
  environments?: Array<string> | null | undefined;
  kinds?: Array<string> | null | undefined;
  phases?: Array<string> | null | undefined;
  /** Words in title and detail. */
  q?: string | null | undefined;
  services?: Array<string> | null | undefined;
  since?: string | null | undefined;
  sources?: Array<string> | null | undefined;
  systems?: Array<string> | null | undefined;
  tags?: Array<string> | null | undefined;
  teams?: Array<string> | null | undefined;
  until?: string | null | undefined;
  /** Adds what the named services depend on, to `depth` steps (1 to 10). */
  withDependencies?: boolean | null | undefined;
};

/** A field of the roll as in docs/data-model.md, such as `description`, `tier`, `owner`, `tag/pci`, `link/runbook/https://…`, `depends-on/service:ledger`. A null value withdraws the claim. */
export type FieldInput = {
  field: string;
  value?: unknown;
};

export type FollowInput = {
  channel?: string;
  digest?: string;
  environments?: Array<string> | null | undefined;
  incidents?: boolean;
  kinds?: Array<string> | null | undefined;
  quietFrom?: string;
  quietTo?: string;
  services?: Array<string> | null | undefined;
  source: string;
  tags?: Array<string> | null | undefined;
  teams?: Array<string> | null | undefined;
  zone?: string;
};

export type HeaderInput = {
  name: string;
  value: string;
};

/**
 * How an entity is, as far as the log tells, the worst first: an incident of it is open; an alert or another signal lasts; a
 * change of it failed, and none of its kind and environment succeeded since; a deploy or rollback is under way; nothing of that.
 */
export type Health =
  | 'alert'
  | 'calm'
  | 'failed'
  | 'incident'
  | 'rollout';

export type IncidentFilter = {
  environments?: Array<string> | null | undefined;
  /** Is in the title, in the name such as INC-482, or in the name of what is in trouble; case makes no difference. */
  q?: string | null | undefined;
  services?: Array<string> | null | undefined;
  /** The mildest that is listed: 1 is the worst. */
  severity?: number | null | undefined;
  since?: string | null | undefined;
  /** open, acknowledged or resolved */
  statuses?: Array<string> | null | undefined;
  systems?: Array<string> | null | undefined;
  teams?: Array<string> | null | undefined;
  until?: string | null | undefined;
};

/** What became of a job. One that is dead failed for good; one that waits may be on its way, or wait to be tried again. */
export type JobState =
  | 'cancelled'
  | 'dead'
  | 'done'
  | 'waiting';

export type MapDirection =
  | 'both'
  | 'callers'
  | 'calls';

export type NewSourceInput = {
  every?: string | null | undefined;
  /** Make the secret that the tool is to be given. */
  generateSecret?: boolean | null | undefined;
  name: string;
  /** By the names of their fields. */
  secrets?: Array<SecretInput> | null | undefined;
  settings?: unknown;
  type: string;
};

/** What became of a delivery. */
export type Outcome =
  | 'failed'
  | 'ignored'
  | 'refused'
  | 'taken';

/** How far a post has come: a dead one was given up, and can be sent again. */
export type PostState =
  | 'dead'
  | 'sent'
  | 'waiting';

/** What one may do; each role may do what those before it may. */
export type Role =
  | 'administrator'
  | 'member'
  | 'operator'
  | 'viewer';

/** What a token is for. */
export type Scope =
  | 'agent'
  | 'deliver'
  | 'describe'
  | 'people'
  | 'read';

export type SecretInput = {
  field: string;
  value: string;
};

export type TokenInput = {
  /** How long it lasts; without it, for ever. */
  days?: number | null | undefined;
  kind: TokenKind;
  /** What it is for: at most 128 bytes. */
  name: string;
  /** At most the viewer's own; without one, the least that the scopes need. */
  role?: Role | null | undefined;
  scopes?: Array<Scope> | null | undefined;
  source?: string | null | undefined;
};

export type TokenKind =
  | 'personal'
  | 'service';

export type TrialInput = {
  body: string;
  headers?: Array<HeaderInput> | null | undefined;
  query?: string | null | undefined;
  settings?: unknown;
  /** A source that there is, the settings of which count; or those that follow. */
  source?: string | null | undefined;
  type?: string | null | undefined;
};

export type ViewInput = {
  /** At most 60 characters. */
  name: string;
  page: ViewPage;
  /** At most 2000 bytes. */
  query: string;
  shared?: boolean | null | undefined;
};

/** The lists that have views. */
export type ViewPage =
  | 'feed'
  | 'services';

export type LiveSubscriptionVariables = Exact<{
  filter?: FeedFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type LiveSubscription = { events: { cursor: string, event: { id: string, story: string | null, startedAt: string } } };

export type CatalogLineFragment = { ref: string, kind: EntityKind, name: string, title: string | null, description: string, language: string | null, tier: number | null, lifecycle: string | null, platform: string | null, partOf: Array<{ name: string, title: string | null }>, owner: { ref: string, name: string, title: string | null } | null, onCall: Array<{ name: string, role: string, person: { name: string, title: string | null } | null }>, tags: Array<{ key: string, value: string }>, lastEvent: { id: string, kind: string, class: string, phase: string, title: string, startedAt: string, version: string, exposure: number | null, diff: Array<{ field: string, old: string, new: string }> } | null, condition: { health: Health, title: string } | null };

export type CatalogChangeFragment = { id: string, kind: string, class: string, phase: string, title: string, startedAt: string, version: string, exposure: number | null, diff: Array<{ field: string, old: string, new: string }> };

export type CatalogQueryVariables = Exact<{
  filter?: EntityFilter | null | undefined;
  sort?: EntitySort | null | undefined;
  after?: string | null | undefined;
  first?: number | null | undefined;
}>;


export type CatalogQuery = { entities: { total: number, next: string | null, nodes: Array<{ ref: string, kind: EntityKind, name: string, title: string | null, description: string, language: string | null, tier: number | null, lifecycle: string | null, platform: string | null, partOf: Array<{ name: string, title: string | null }>, owner: { ref: string, name: string, title: string | null } | null, onCall: Array<{ name: string, role: string, person: { name: string, title: string | null } | null }>, tags: Array<{ key: string, value: string }>, lastEvent: { id: string, kind: string, class: string, phase: string, title: string, startedAt: string, version: string, exposure: number | null, diff: Array<{ field: string, old: string, new: string }> } | null, condition: { health: Health, title: string } | null }> } };

export type CatalogFacetsQueryVariables = Exact<{
  filter?: EntityFilter | null | undefined;
}>;


export type CatalogFacetsQuery = { entities: { facets: Array<{ name: string, values: Array<{ value: string, label: string, count: number }> }> } };

export type CatalogTotalsQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogTotalsQuery = { all: { total: number }, unowned: { total: number } };

export type CatalogScanQueryVariables = Exact<{
  first?: number | null | undefined;
}>;


export type CatalogScanQuery = { entities: { next: string | null, nodes: Array<{ onCall: Array<{ name: string }>, lastEvent: { startedAt: string } | null, tags: Array<{ key: string, value: string }> }> } };

export type CatalogExportQueryVariables = Exact<{
  filter?: EntityFilter | null | undefined;
  sort?: EntitySort | null | undefined;
  after?: string | null | undefined;
  first?: number | null | undefined;
}>;


export type CatalogExportQuery = { entities: { total: number, next: string | null, nodes: Array<{ ref: string, name: string, title: string | null, description: string, language: string | null, tier: number | null, lifecycle: string | null, platform: string | null, owner: { name: string, title: string | null } | null, onCall: Array<{ name: string, person: { name: string, title: string | null } | null }>, tags: Array<{ key: string, value: string }>, lastEvent: { kind: string, title: string, startedAt: string } | null }> } };

export type BulkEditMutationVariables = Exact<{
  ref: string;
  fields: Array<FieldInput> | FieldInput;
}>;


export type BulkEditMutation = { putEntity: { ref: string } };

export type MigrationQueryVariables = Exact<{
  what: string;
  filter?: EntityFilter | null | undefined;
}>;


export type MigrationQuery = { migration: { done: number, all: number, teams: Array<{ done: number, all: number, left: Array<string>, owner: { ref: string, name: string, title: string | null } | null }>, steps: Array<{ at: string, done: number, all: number }> } };

export type OnCallNowQueryVariables = Exact<{
  after?: string | null | undefined;
  q?: string | null | undefined;
}>;


export type OnCallNowQuery = { entities: { total: number, next: string | null, nodes: Array<{ timeZone: string | null, ref: string, kind: EntityKind, name: string, title: string | null, contacts: Array<{ type: string, value: string, title: string | null }>, owns: Array<{ ref: string, kind: EntityKind, tier: number | null }>, onCall: Array<{ name: string, role: string, from: string | null, until: string | null, person: { timeZone: string | null, email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }>, nextOnCall: Array<{ name: string, role: string, from: string | null, until: string | null, person: { timeZone: string | null, email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }> }> } };

export type MyTeamsQueryVariables = Exact<{ [key: string]: never; }>;


export type MyTeamsQuery = { me: { name: string, teams: Array<string> } | null };

export type HandoversQueryVariables = Exact<{ [key: string]: never; }>;


export type HandoversQuery = { feed: { rows: Array<{ id: string, event: { id: string, title: string, startedAt: string } }> } };

export type AnnotationsQueryVariables = Exact<{
  ref: string;
  format: string;
  workload?: string | null | undefined;
  namespace?: string | null | undefined;
  key?: string | null | undefined;
}>;


export type AnnotationsQuery = { entity: { ref: string, workloads: Array<string>, descriptor: string } | null };

export type EntityRefFragment = { ref: string, kind: EntityKind, name: string, title: string | null };

export type RelationLineFragment = { type: string, evidence: string, since: string, lastSeen: string | null, entity: { ref: string, kind: EntityKind, name: string, title: string | null, lastEvent: { kind: string, startedAt: string } | null, condition: { health: Health, title: string } | null } };

export type DutyFragment = { name: string, role: string, from: string | null, until: string | null, person: { timeZone: string | null, email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null };

export type EntityQueryVariables = Exact<{
  ref: string;
}>;


export type EntityQuery = { entity: { description: string, language: string | null, languageVersion: string | null, tier: number | null, userFacing: boolean | null, lifecycle: string | null, platform: string | null, deployedBy: string | null, type: string | null, rpo: string | null, rto: string | null, email: string | null, timeZone: string | null, described: boolean, updatedAt: string, aliases: Array<string>, ref: string, kind: EntityKind, name: string, title: string | null, owner: { timeZone: string | null, ref: string, kind: EntityKind, name: string, title: string | null, parts: Array<{ ref: string, kind: EntityKind }>, contacts: Array<{ type: string, value: string, title: string | null }> } | null, onCall: Array<{ name: string, role: string, from: string | null, until: string | null, person: { timeZone: string | null, email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }>, nextOnCall: Array<{ name: string, role: string, from: string | null, until: string | null, person: { timeZone: string | null, email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }>, contacts: Array<{ type: string, value: string, title: string | null }>, links: Array<{ type: string, title: string, url: string }>, tags: Array<{ key: string, value: string }>, partOf: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }>, parts: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }>, owns: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }>, dependsOn: Array<{ type: string, evidence: string, since: string, lastSeen: string | null, entity: { ref: string, kind: EntityKind, name: string, title: string | null, lastEvent: { kind: string, startedAt: string } | null, condition: { health: Health, title: string } | null } }>, dependedOnBy: Array<{ type: string, evidence: string, since: string, lastSeen: string | null, entity: { ref: string, kind: EntityKind, name: string, title: string | null, lastEvent: { kind: string, startedAt: string } | null, condition: { health: Health, title: string } | null } }>, provides: Array<{ type: string, evidence: string, since: string, lastSeen: string | null, entity: { ref: string, kind: EntityKind, name: string, title: string | null, lastEvent: { kind: string, startedAt: string } | null, condition: { health: Health, title: string } | null } }>, consumes: Array<{ type: string, evidence: string, since: string, lastSeen: string | null, entity: { ref: string, kind: EntityKind, name: string, title: string | null, lastEvent: { kind: string, startedAt: string } | null, condition: { health: Health, title: string } | null } }>, running: Array<{ environment: string, version: string, since: string, seen: boolean, kind: string, group: string, name: string, cluster: string, region: string, commit: string, asked: number | null, ready: number, updated: number, least: number, most: number, phase: string, message: string, exposure: number | null, schedule: string, stopped: boolean, hosts: Array<string>, troubles: Array<string>, images: Array<{ container: string, image: string, version: string }> }>, coverage: { seen: number, told: number, partial: boolean }, openIncidents: Array<{ number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> }>, facts: Array<{ field: string, value: unknown, source: string, since: string, confirmedAt: string, disagreeing: Array<{ value: unknown, source: string, since: string }> }> } | null };

export type TeamsQueryVariables = Exact<{
  after?: string | null | undefined;
  q?: string | null | undefined;
}>;


export type TeamsQuery = { entities: { total: number, next: string | null, nodes: Array<{ description: string, ref: string, kind: EntityKind, name: string, title: string | null, onCall: Array<{ name: string, role: string, until: string | null, person: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, owns: Array<{ ref: string, kind: EntityKind }> }> } };

export type ShiftFragment = { role: string, from: string | null, until: string | null, person: { ref: string } | null };

export type ShiftsQueryVariables = Exact<{
  ref: string;
}>;


export type ShiftsQuery = { entity: { partOf: Array<{ ref: string, kind: EntityKind, name: string, title: string | null, onCall: Array<{ role: string, from: string | null, until: string | null, person: { ref: string } | null }>, nextOnCall: Array<{ role: string, from: string | null, until: string | null, person: { ref: string } | null }>, owns: Array<{ ref: string, kind: EntityKind, name: string, title: string | null, onCall: Array<{ role: string, from: string | null, until: string | null, person: { ref: string } | null }>, nextOnCall: Array<{ role: string, from: string | null, until: string | null, person: { ref: string } | null }> }> }> } | null };

export type BurnQueryVariables = Exact<{
  refs: Array<string> | string;
  since: string;
}>;


export type BurnQuery = { feed: { rows: Array<{ event: { id: string, title: string, phase: string, startedAt: string, source: string } }> } };

export type EventLineFragment = { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> };

export type EventStepFragment = { id: string, kind: string, phase: string, title: string, environment: string, startedAt: string, version: string, exposure: number | null, commit: string, subjects: Array<{ ref: string, name: string }>, diff: Array<{ field: string, old: string, new: string }>, labels: Array<{ key: string, value: string }> };

export type FeedLineFragment = { id: string, shape: string, count: number, subjectCount: number, dark: boolean, distance: number | null, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> }, events: Array<{ id: string, kind: string, phase: string, title: string, environment: string, startedAt: string, version: string, exposure: number | null, commit: string, subjects: Array<{ ref: string, name: string }>, diff: Array<{ field: string, old: string, new: string }>, labels: Array<{ key: string, value: string }> }> };

export type FeedQueryVariables = Exact<{
  filter?: FeedFilter | null | undefined;
  after?: string | null | undefined;
  first?: number | null | undefined;
}>;


export type FeedQuery = { feed: { next: string | null, searchedUntil: string | null, rows: Array<{ id: string, shape: string, count: number, subjectCount: number, dark: boolean, distance: number | null, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> }, events: Array<{ id: string, kind: string, phase: string, title: string, environment: string, startedAt: string, version: string, exposure: number | null, commit: string, subjects: Array<{ ref: string, name: string }>, diff: Array<{ field: string, old: string, new: string }>, labels: Array<{ key: string, value: string }> }> }> } };

export type FeedHistogramQueryVariables = Exact<{
  filter?: FeedFilter | null | undefined;
  since: string;
  until: string;
  buckets?: number | null | undefined;
}>;


export type FeedHistogramQuery = { histogram: { since: string, bucketSeconds: number, people: Array<number>, automation: Array<number>, events: number } };

export type FeedFacetsQueryVariables = Exact<{
  all?: FeedFilter | null | undefined;
  noKinds?: FeedFilter | null | undefined;
  noWho?: FeedFilter | null | undefined;
  noTeams?: FeedFilter | null | undefined;
  noEnvironments?: FeedFilter | null | undefined;
  noSources?: FeedFilter | null | undefined;
  withKinds: boolean;
  withWho: boolean;
  withTeams: boolean;
  withEnvironments: boolean;
  withSources: boolean;
  since: string;
  until: string;
}>;


export type FeedFacetsQuery = { all: { kinds: Array<{ value: string, label: string, count: number }>, actorTypes: Array<{ value: string, label: string, count: number }>, teams: Array<{ value: string, label: string, count: number }>, environments: Array<{ value: string, label: string, count: number }>, sources: Array<{ value: string, label: string, count: number }> }, kinds?: { kinds: Array<{ value: string, label: string, count: number }> }, who?: { actorTypes: Array<{ value: string, label: string, count: number }> }, teams?: { teams: Array<{ value: string, label: string, count: number }> }, environments?: { environments: Array<{ value: string, label: string, count: number }> }, sources?: { sources: Array<{ value: string, label: string, count: number }> } };

export type FacetCountFragment = { value: string, label: string, count: number };

export type FeedNearestQueryVariables = Exact<{
  filter?: FeedFilter | null | undefined;
}>;


export type FeedNearestQuery = { feed: { rows: Array<{ event: { startedAt: string } }> } };

export type FeedCompleteQueryVariables = Exact<{
  q: string;
  kinds?: Array<EntityKind> | EntityKind | null | undefined;
}>;


export type FeedCompleteQuery = { search: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> };

export type EventDetailQueryVariables = Exact<{
  id: string | number;
}>;


export type EventDetailQuery = { event: { key: string, recordedBy: string, redacted: Array<string>, id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, history: Array<{ phase: string, at: string, receivedAt: string }>, ramp: Array<{ exposure: number, at: string }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } | null };

export type EventStoryQueryVariables = Exact<{
  id: string | number;
}>;


export type EventStoryQuery = { story: Array<{ id: string, kind: string, phase: string, title: string, environment: string, startedAt: string, version: string, exposure: number | null, commit: string, subjects: Array<{ ref: string, name: string }>, diff: Array<{ field: string, old: string, new: string }>, labels: Array<{ key: string, value: string }> }>, storySteps: Array<{ step: string, succeeded: boolean, tookSeconds: number | null, sinceSeconds: number | null, leadSeconds: number, event: { id: string } }> };

export type FeedSourcesQueryVariables = Exact<{ [key: string]: never; }>;


export type FeedSourcesQuery = { sources: Array<{ name: string, state: string, detail: string, lastEventAt: string | null }> };

export type SuspectLineFragment = { rank: number, probability: number, strength: string, beforeSeconds: number, path: Array<string>, direction: string, verdict: string, evidence: Array<{ name: string, weight: number, sentence: string }>, undo: { text: string, url: string, tool: string, lost: Array<{ event: string, sentence: string }> }, owner: { entity: { ref: string, kind: EntityKind, name: string, title: string | null } | null, people: Array<{ name: string, person: { email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }> }, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } };

export type RankingPartsFragment = { services: Array<string>, environment: string, since: string, onset: string, onsetBy: string, summary: string, none: number, considered: number, left: string, ruledOutCount: number, suspects: Array<{ rank: number, probability: number, strength: string, beforeSeconds: number, path: Array<string>, direction: string, verdict: string, evidence: Array<{ name: string, weight: number, sentence: string }>, undo: { text: string, url: string, tool: string, lost: Array<{ event: string, sentence: string }> }, owner: { entity: { ref: string, kind: EntityKind, name: string, title: string | null } | null, people: Array<{ name: string, person: { email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }> }, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } }>, ruledOut: Array<{ reason: string, sentence: string, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } }> };

export type IncidentLineFragment = { number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> };

export type IncidentPartsFragment = { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> };

export type IncidentsQueryVariables = Exact<{
  filter?: IncidentFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type IncidentsQuery = { incidents: { next: string | null, nodes: Array<{ number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> }> } };

export type IncidentQueryVariables = Exact<{
  number: number;
}>;


export type IncidentQuery = { incident: { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> } | null };

export type IncidentSuspectsQueryVariables = Exact<{
  number: number;
}>;


export type IncidentSuspectsQuery = { incident: { suspects: { services: Array<string>, environment: string, since: string, onset: string, onsetBy: string, summary: string, none: number, considered: number, left: string, ruledOutCount: number, suspects: Array<{ rank: number, probability: number, strength: string, beforeSeconds: number, path: Array<string>, direction: string, verdict: string, evidence: Array<{ name: string, weight: number, sentence: string }>, undo: { text: string, url: string, tool: string, lost: Array<{ event: string, sentence: string }> }, owner: { entity: { ref: string, kind: EntityKind, name: string, title: string | null } | null, people: Array<{ name: string, person: { email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }> }, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } }>, ruledOut: Array<{ reason: string, sentence: string, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } }> } } | null };

export type SuspectsAtQueryVariables = Exact<{
  services: Array<string> | string;
  at?: string | null | undefined;
  environment?: string | null | undefined;
}>;


export type SuspectsAtQuery = { suspects: { services: Array<string>, environment: string, since: string, onset: string, onsetBy: string, summary: string, none: number, considered: number, left: string, ruledOutCount: number, suspects: Array<{ rank: number, probability: number, strength: string, beforeSeconds: number, path: Array<string>, direction: string, verdict: string, evidence: Array<{ name: string, weight: number, sentence: string }>, undo: { text: string, url: string, tool: string, lost: Array<{ event: string, sentence: string }> }, owner: { entity: { ref: string, kind: EntityKind, name: string, title: string | null } | null, people: Array<{ name: string, person: { email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }> }, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } }>, ruledOut: Array<{ reason: string, sentence: string, event: { id: string, source: string, kind: string, class: string, phase: string, title: string, detail: string, environment: string, region: string, cluster: string, startedAt: string, endedAt: string | null, receivedAt: string, version: string, previous: string, commit: string, exposure: number | null, story: string | null, dark: boolean, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }>, actor: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, diff: Array<{ field: string, old: string, new: string }>, links: Array<{ type: string, title: string, url: string }>, labels: Array<{ key: string, value: string }> } }> } };

export type AcknowledgeIncidentMutationVariables = Exact<{
  number: number;
}>;


export type AcknowledgeIncidentMutation = { acknowledgeIncident: { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> } };

export type ResolveIncidentMutationVariables = Exact<{
  number: number;
}>;


export type ResolveIncidentMutation = { resolveIncident: { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> } };

export type AssignRoleMutationVariables = Exact<{
  number: number;
  role: string;
  person?: string | null | undefined;
}>;


export type AssignRoleMutation = { assignRole: { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> } };

export type NoteIncidentMutationVariables = Exact<{
  number: number;
  text: string;
}>;


export type NoteIncidentMutation = { noteIncident: { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> } };

export type PageForIncidentMutationVariables = Exact<{
  number: number;
  source: string;
  text: string;
}>;


export type PageForIncidentMutation = { pageForIncident: { region: string, cluster: string, mergedInto: number | null, onset: string, onsetBy: string, firing: number, signalCount: number, pagers: Array<string>, number: number, title: string, status: string, severity: number | null, environment: string, openedAt: string, acknowledgedAt: string | null, resolvedAt: string | null, impact: { tier: number | null, userFacing: boolean | null, callers: number, first: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }, signals: Array<{ id: string, kind: string, source: string, detail: string, environment: string }>, roles: Array<{ role: string, person: string, holder: { ref: string, kind: EntityKind, name: string, title: string | null } | null }>, links: Array<{ type: string, title: string, url: string }>, conversations: Array<{ source: string, channel: string, url: string }>, timeline: Array<{ id: string, kind: string, at: string, text: string, event: string | null, by: { type: string, name: string, via: string, person: { ref: string, name: string, title: string | null } | null }, fields: Array<{ key: string, value: string }> }>, subjects: Array<{ ref: string, name: string, kind: EntityKind | null, claimed: boolean }> } };

export type JudgeMutationVariables = Exact<{
  number: number;
  event: string | number;
  finding: string;
}>;


export type JudgeMutation = { judgeChange: { finding: string } };

export type SuspectsRecordQueryVariables = Exact<{ [key: string]: never; }>;


export type SuspectsRecordQuery = { suspectsRecord: { incidents: number, verdicts: number, missed: number, since: string | null, ranker: { first: number, three: number, five: number }, recency: { first: number, three: number, five: number } } };

export type MapEventFragment = { id: string, kind: string, class: string, title: string, phase: string, startedAt: string };

export type MapNodeShownFragment = { id: string, members: number, distance: number, dependants: number, single: boolean, circle: number | null, changes: number, troubles: number, entity: { tier: number | null, type: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null, owner: { ref: string, kind: EntityKind, name: string, title: string | null } | null, change: { id: string, kind: string, class: string, title: string, phase: string, startedAt: string } | null, trouble: { id: string, kind: string, class: string, title: string, phase: string, startedAt: string } | null };

export type MapQueryVariables = Exact<{
  focus?: Array<string> | string | null | undefined;
  direction?: MapDirection | null | undefined;
  depth?: number | null | undefined;
  groupBeyond?: number | null | undefined;
  since?: string | null | undefined;
  environments?: Array<string> | string | null | undefined;
}>;


export type MapQuery = { map: { total: number, left: number, nodes: Array<{ id: string, members: number, distance: number, dependants: number, single: boolean, circle: number | null, changes: number, troubles: number, entity: { tier: number | null, type: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null, owner: { ref: string, kind: EntityKind, name: string, title: string | null } | null, change: { id: string, kind: string, class: string, title: string, phase: string, startedAt: string } | null, trouble: { id: string, kind: string, class: string, title: string, phase: string, startedAt: string } | null }>, edges: Array<{ from: string, to: string, count: number, evidence: string, via: Array<string>, lastSeen: string | null }>, circles: Array<Array<{ ref: string, kind: EntityKind, name: string, title: string | null }>>, singlePoints: Array<{ dependants: number, entity: { ref: string, kind: EntityKind, name: string, title: string | null } }> } };

export type PathsQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type PathsQuery = { paths: Array<{ stops: Array<{ ref: string, kind: EntityKind, name: string, title: string | null }> }> };

export type MapInspectorQueryVariables = Exact<{
  ref: string;
}>;


export type MapInspectorQuery = { entity: { description: string, language: string | null, type: string | null, tier: number | null, ref: string, kind: EntityKind, name: string, title: string | null, owner: { ref: string, kind: EntityKind, name: string, title: string | null } | null, onCall: Array<{ name: string, role: string, until: string | null, person: { email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }> } | null };

export type PickEntityQueryVariables = Exact<{
  q: string;
  kinds?: Array<EntityKind> | EntityKind | null | undefined;
}>;


export type PickEntityQuery = { search: Array<{ ref: string, kind: EntityKind, name: string, title: string | null, owner: { ref: string, kind: EntityKind, name: string, title: string | null } | null }> };

export type HoldingsQueryVariables = Exact<{
  focus?: Array<string> | string | null | undefined;
}>;


export type HoldingsQuery = { map: { total: number, nodes: Array<{ id: string, distance: number, dependants: number, single: boolean, changes: number, trouble: { id: string, kind: string, class: string, title: string, phase: string, startedAt: string } | null, entity: { description: string, tier: number | null, described: boolean, ref: string, kind: EntityKind, name: string, title: string | null, onCall: Array<{ name: string }>, links: Array<{ type: string }>, lastEvent: { id: string, kind: string, class: string, title: string, phase: string, startedAt: string } | null, condition: { health: Health, title: string } | null } | null }>, edges: Array<{ from: string, to: string, evidence: string, lastSeen: string | null }> } };

export type PaletteQueryVariables = Exact<{
  q: string;
}>;


export type PaletteQuery = { search: Array<{ ref: string, kind: EntityKind, name: string, title: string | null, owner: { ref: string, kind: EntityKind, name: string, title: string | null } | null, links: Array<{ type: string, title: string, url: string }>, onCall: Array<{ name: string, person: { email: string | null, ref: string, kind: EntityKind, name: string, title: string | null } | null }>, lastEvent: { startedAt: string } | null }> };

export type PaletteChangesQueryVariables = Exact<{
  q: string;
  since: string;
}>;


export type PaletteChangesQuery = { feed: { rows: Array<{ id: string, event: { id: string, kind: string, title: string, startedAt: string } }> } };

export type FollowLineFragment = { number: number, source: string, channel: string, services: Array<string>, teams: Array<string>, tags: Array<string>, environments: Array<string>, kinds: Array<string>, incidents: boolean, quietFrom: string, quietTo: string, digest: string, zone: string, by: string, noise: Array<{ number: number, text: string, by: string, at: string }> };

export type FollowsQueryVariables = Exact<{ [key: string]: never; }>;


export type FollowsQuery = { follows: Array<{ number: number, source: string, channel: string, services: Array<string>, teams: Array<string>, tags: Array<string>, environments: Array<string>, kinds: Array<string>, incidents: boolean, quietFrom: string, quietTo: string, digest: string, zone: string, by: string, noise: Array<{ number: number, text: string, by: string, at: string }> }>, sources: Array<{ name: string, tool: { title: string, class: string } | null }> };

export type FollowMutationVariables = Exact<{
  input: FollowInput;
}>;


export type FollowMutation = { follow: { number: number } };

export type UnfollowMutationVariables = Exact<{
  number: number;
}>;


export type UnfollowMutation = { unfollow: boolean };

export type UnmuteMutationVariables = Exact<{
  number: number;
  noise: number;
}>;


export type UnmuteMutation = { unmute: { number: number } };

export type PostLineFragment = { id: string, source: string, channel: string, thread: string | null, topic: string, state: PostState, createdAt: string, dueAt: string | null, sentAt: string | null, attempts: number, sends: number, fault: string | null };

export type PostsQueryVariables = Exact<{
  state?: PostState | null | undefined;
  after?: string | null | undefined;
}>;


export type PostsQuery = { posts: { next: string | null, nodes: Array<{ id: string, source: string, channel: string, thread: string | null, topic: string, state: PostState, createdAt: string, dueAt: string | null, sentAt: string | null, attempts: number, sends: number, fault: string | null }> } };

export type RetryPostMutationVariables = Exact<{
  id: string | number;
}>;


export type RetryPostMutation = { retryPost: { id: string } };

export type JobsQueryVariables = Exact<{
  state?: JobState | null | undefined;
}>;


export type JobsQuery = { jobs: Array<{ id: string, kind: string, about: string, state: JobState, done: number, total: number | null, attempts: number, fault: string, by: string, createdAt: string, changedAt: string, dueAt: string, cancellable: boolean, retriable: boolean }> };

export type RetryJobMutationVariables = Exact<{
  id: string | number;
}>;


export type RetryJobMutation = { retryJob: { id: string } };

export type CancelJobMutationVariables = Exact<{
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob: { id: string } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { viewer: { name: string, kind: string, noLogin: boolean, version: string, organisation: string, may: Array<string> }, installation: { runtime: string, database: string, startedAt: string }, me: { id: string, name: string, title: string, email: string, issuer: string, role: Role | null, groups: Array<string>, teams: Array<string>, createdAt: string } | null };

export type SessionsQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionsQuery = { sessions: Array<{ id: string, createdAt: string, seenAt: string, expiresAt: string, address: string, userAgent: string, current: boolean }> };

export type EndSessionMutationVariables = Exact<{
  id?: string | number | null | undefined;
}>;


export type EndSessionMutation = { endSession: boolean };

export type TokensQueryVariables = Exact<{
  all: boolean;
  after?: string | null | undefined;
}>;


export type TokensQuery = { tokens: { next: string | null, nodes: Array<{ id: string, name: string, kind: TokenKind, role: Role, scopes: Array<Scope>, source: string, createdBy: string, createdAt: string, expiresAt: string | null, lastUsedAt: string | null, lastAddress: string, revokedAt: string | null, hint: string }> } };

export type CreateTokenMutationVariables = Exact<{
  input: TokenInput;
}>;


export type CreateTokenMutation = { createToken: { secret: string, token: { id: string, name: string } } };

export type RevokeTokenMutationVariables = Exact<{
  id: string | number;
}>;


export type RevokeTokenMutation = { revokeToken: { id: string } };

export type PeopleQueryVariables = Exact<{
  q?: string | null | undefined;
  role?: Role | null | undefined;
  after?: string | null | undefined;
}>;


export type PeopleQuery = { people: { total: number, next: string | null, nodes: Array<{ id: string, name: string, title: string, email: string, issuer: string, role: Role | null, givenRole: Role | null, groups: Array<string>, teams: Array<string>, disabledAt: string | null, createdAt: string, seenAt: string | null }> } };

export type SetRoleMutationVariables = Exact<{
  account: string | number;
  role?: Role | null | undefined;
}>;


export type SetRoleMutation = { setRole: { id: string } };

export type SetDisabledMutationVariables = Exact<{
  account: string | number;
  disabled: boolean;
}>;


export type SetDisabledMutation = { setDisabled: { id: string } };

export type InviteMutationVariables = Exact<{
  role?: Role | null | undefined;
  account?: string | number | null | undefined;
}>;


export type InviteMutation = { invite: string };

export type SourceLineFragment = { name: string, type: string, state: string, detail: string, lastEventAt: string | null, lookedAt: string | null, secretAt: string | null, events: number, place: string, delivers: boolean, tool: { title: string, class: string, issuesSecret: boolean } | null, lately: { lastAt: string | null, partial: boolean, hours: Array<{ at: string, outcome: Outcome, deliveries: number }> } | null, backfill: { until: string | null, at: string | null, done: boolean, events: number } | null, observed: { agent: string, version: string, cluster: string, looksAt: string, since: string, heardAt: string, syncedAt: string | null, objects: number, waiting: number, lost: number, lagSeconds: number } | null };

export type SourcesQueryVariables = Exact<{ [key: string]: never; }>;


export type SourcesQuery = { sources: Array<{ name: string, type: string, state: string, detail: string, lastEventAt: string | null, lookedAt: string | null, secretAt: string | null, events: number, place: string, delivers: boolean, tool: { title: string, class: string, issuesSecret: boolean } | null, lately: { lastAt: string | null, partial: boolean, hours: Array<{ at: string, outcome: Outcome, deliveries: number }> } | null, backfill: { until: string | null, at: string | null, done: boolean, events: number } | null, observed: { agent: string, version: string, cluster: string, looksAt: string, since: string, heardAt: string, syncedAt: string | null, objects: number, waiting: number, lost: number, lagSeconds: number } | null }> };

export type SourceQueryVariables = Exact<{
  name: string;
}>;


export type SourceQuery = { source: { name: string, type: string, state: string, detail: string, lastEventAt: string | null, lookedAt: string | null, secretAt: string | null, events: number, place: string, delivers: boolean, tool: { title: string, class: string, issuesSecret: boolean } | null, lately: { lastAt: string | null, partial: boolean, hours: Array<{ at: string, outcome: Outcome, deliveries: number }> } | null, backfill: { until: string | null, at: string | null, done: boolean, events: number } | null, observed: { agent: string, version: string, cluster: string, looksAt: string, since: string, heardAt: string, syncedAt: string | null, objects: number, waiting: number, lost: number, lagSeconds: number } | null } | null };

export type GuideTextFragment = { intro: string, rights: string, gives: string, limits: string, configuration: string, ways: Array<{ title: string, steps: Array<string>, notes: string }> };

export type FieldFormFragment = { name: string, title: string, help: string, type: string, required: boolean, example: string, gives: string, givesExample: string, choices: Array<{ value: string, title: string }> };

export type SourceGuideQueryVariables = Exact<{
  name: string;
  base: string;
}>;


export type SourceGuideQuery = { source: { guide: { intro: string, rights: string, gives: string, limits: string, configuration: string, ways: Array<{ title: string, steps: Array<string>, notes: string }> } | null } | null };

export type ToolsQueryVariables = Exact<{ [key: string]: never; }>;


export type ToolsQuery = { tools: Array<{ type: string, title: string, summary: string, class: string, delivers: boolean, byAgent: boolean }> };

export type ToolQueryVariables = Exact<{
  type: string;
  base: string;
  name: string;
}>;


export type ToolQuery = { tool: { type: string, title: string, summary: string, delivers: boolean, looks: boolean, issuesSecret: boolean, byAgent: boolean, guide: { intro: string, rights: string, gives: string, limits: string, configuration: string, ways: Array<{ title: string, steps: Array<string>, notes: string }> }, fields: Array<{ name: string, title: string, help: string, type: string, required: boolean, example: string, gives: string, givesExample: string, choices: Array<{ value: string, title: string }> }>, examples: Array<{ name: string, title: string, query: string, body: string, headers: Array<{ key: string, value: string }> }> } | null };

export type SecretKeepingQueryVariables = Exact<{ [key: string]: never; }>;


export type SecretKeepingQuery = { secretKeeping: { possible: boolean, problem: string } };

export type SourceSettingsQueryVariables = Exact<{
  name: string;
}>;


export type SourceSettingsQuery = { sourceSettings: { type: string, every: string, disabled: boolean, settings: unknown, revision: number, changedAt: string, changedBy: string, secrets: Array<{ name: string, fingerprint: string, changedAt: string | null }> } | null };

export type DeliveriesQueryVariables = Exact<{
  source: string;
  outcome?: Outcome | null | undefined;
  after?: string | null | undefined;
}>;


export type DeliveriesQuery = { deliveries: { next: string | null, nodes: Array<{ id: string, key: string, receivedAt: string, lastAt: string, times: number, outcome: Outcome, reason: string, eventCount: number, bytes: number }> } };

export type DeliveryQueryVariables = Exact<{
  source: string;
  id: string | number;
}>;


export type DeliveryQuery = { delivery: { id: string, key: string, receivedAt: string, lastAt: string, times: number, outcome: Outcome, reason: string, eventCount: number, bytes: number, query: string | null, body: string | null, headers: Array<{ key: string, value: string }> | null, events: Array<{ id: string, title: string, kind: string, phase: string, startedAt: string }> | null } | null };

export type TrySourceQueryVariables = Exact<{
  trial: TrialInput;
}>;


export type TrySourceQuery = { trySource: { ignored: string, fault: string, events: Array<{ key: string, kind: string, phase: string, title: string, detail: string, environment: string, actor: string, actorType: string, version: string, previous: string, commit: string, startedAt: string, endedAt: string | null, labels: Array<{ key: string, value: string }>, links: Array<{ title: string, url: string }>, subjects: Array<{ name: string, new: boolean, entity: { ref: string, name: string } | null }> }> } };

export type CreateSourceMutationVariables = Exact<{
  input: NewSourceInput;
}>;


export type CreateSourceMutation = { createSource: { secret: string | null, source: { name: string } } };

export type ChangeSourceMutationVariables = Exact<{
  name: string;
  every?: string | null | undefined;
  settings: unknown;
  revision: number;
}>;


export type ChangeSourceMutation = { changeSource: { name: string } };

export type SwitchSourceMutationVariables = Exact<{
  name: string;
  on: boolean;
}>;


export type SwitchSourceMutation = { switchSource: { name: string } };

export type SetSourceSecretMutationVariables = Exact<{
  name: string;
  field: string;
  secret?: string | null | undefined;
  keepLast: boolean;
}>;


export type SetSourceSecretMutation = { setSourceSecret: { secret: string | null } };

export type DropSourceSecretMutationVariables = Exact<{
  name: string;
  field: string;
}>;


export type DropSourceSecretMutation = { dropSourceSecret: { name: string } };

export type RemoveSourceMutationVariables = Exact<{
  name: string;
}>;


export type RemoveSourceMutation = { removeSource: boolean };

export type ReplayDeliveryMutationVariables = Exact<{
  source: string;
  id: string | number;
}>;


export type ReplayDeliveryMutation = { replayDelivery: { outcome: Outcome, reason: string, events: number } };

export type ReplayFailedMutationVariables = Exact<{
  source: string;
}>;


export type ReplayFailedMutation = { replayFailed: { id: string, kind: string, about: string, state: JobState, done: number, total: number | null, attempts: number, fault: string, by: string, createdAt: string, changedAt: string, dueAt: string, cancellable: boolean, retriable: boolean } };

export type SourceCoverageQueryVariables = Exact<{
  name: string;
}>;


export type SourceCoverageQuery = { source: { coverage: { since: string, events: number, partial: boolean, told: number, usual: number | null, entities: number, unclaimedCount: number, seenAndTold: number, seenAndToldByOthers: number, seenOnly: number, kinds: Array<{ kind: string, expected: boolean, events: number, lastAt: string | null }>, unclaimed: Array<{ name: string, events: number }> } } | null };

export type ArrivedQueryVariables = Exact<{ [key: string]: never; }>;


export type ArrivedQuery = { feed: { rows: Array<{ event: { id: string, source: string, title: string, startedAt: string, receivedAt: string, subjects: Array<{ kind: EntityKind | null, name: string }> } }> } };

export type DescribeMutationVariables = Exact<{
  name: string;
  content: string;
}>;


export type DescribeMutation = { applyDescriptors: Array<{ entities: Array<string>, faults: Array<{ field: string, detail: string }> }> };

export type StartTokenMutationVariables = Exact<{
  input: TokenInput;
}>;


export type StartTokenMutation = { createToken: { secret: string } };

export type UnclaimedQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type UnclaimedQuery = { unclaimed: { total: number, next: string | null, nodes: Array<{ alias: string, events: number, firstAt: string, lastAt: string, example: { id: string, title: string } | null, suggestions: Array<{ reason: string, score: number, entity: { ref: string, kind: EntityKind, name: string, title: string | null } }> }> } };

export type ClaimAliasMutationVariables = Exact<{
  alias: string;
  ref: string;
}>;


export type ClaimAliasMutation = { claimAlias: { events: number, entity: { ref: string, kind: EntityKind, name: string, title: string | null } } };

export type UnclaimAliasMutationVariables = Exact<{
  ref: string;
  field: string;
}>;


export type UnclaimAliasMutation = { putEntity: { ref: string } };

export type JobLineFragment = { id: string, kind: string, about: string, state: JobState, done: number, total: number | null, attempts: number, fault: string, by: string, createdAt: string, changedAt: string, dueAt: string, cancellable: boolean, retriable: boolean };

export type JobQueryVariables = Exact<{
  id: string | number;
}>;


export type JobQuery = { job: { id: string, kind: string, about: string, state: JobState, done: number, total: number | null, attempts: number, fault: string, by: string, createdAt: string, changedAt: string, dueAt: string, cancellable: boolean, retriable: boolean } | null };

export type OpenIncidentsQueryVariables = Exact<{
  first: number;
}>;


export type OpenIncidentsQuery = { incidents: { next: string | null, nodes: Array<{ number: number }> } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { name: string, kind: string, noLogin: boolean, may: Array<string>, organisation: string, version: string, environments: Array<string>, counts: Array<{ kind: EntityKind, count: number }> }, unclaimed: { total: number }, kinds: Array<{ name: string, class: string, icon: string, verb: string, title: string }> };

export type ViewsQueryVariables = Exact<{
  page: ViewPage;
}>;


export type ViewsQuery = { views: Array<{ id: string, name: string, query: string, shared: boolean, owner: string, removable: boolean }> };

export type SavedViewFragment = { id: string, name: string, query: string, shared: boolean, owner: string, removable: boolean };

export type SaveViewMutationVariables = Exact<{
  input: ViewInput;
}>;


export type SaveViewMutation = { saveView: { id: string, name: string, query: string, shared: boolean, owner: string, removable: boolean } };

export type RemoveViewMutationVariables = Exact<{
  id: string;
}>;


export type RemoveViewMutation = { removeView: boolean };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const CatalogChangeFragmentDoc = new TypedDocumentString(`
    fragment CatalogChange on Event {
  id
  kind
  class
  phase
  title
  startedAt
  version
  exposure
  diff {
    field
    old
    new
  }
}
    `, {"fragmentName":"CatalogChange"}) as unknown as TypedDocumentString<CatalogChangeFragment, unknown>;
export const CatalogLineFragmentDoc = new TypedDocumentString(`
    fragment CatalogLine on Entity {
  ref
  kind
  name
  title
  description
  language
  tier
  lifecycle
  platform
  partOf {
    name
    title
  }
  owner {
    ref
    name
    title
  }
  onCall {
    name
    role
    person {
      name
      title
    }
  }
  tags {
    key
    value
  }
  lastEvent {
    ...CatalogChange
  }
  condition {
    health
    title
  }
}
    fragment CatalogChange on Event {
  id
  kind
  class
  phase
  title
  startedAt
  version
  exposure
  diff {
    field
    old
    new
  }
}`, {"fragmentName":"CatalogLine"}) as unknown as TypedDocumentString<CatalogLineFragment, unknown>;
export const EntityRefFragmentDoc = new TypedDocumentString(`
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
    `, {"fragmentName":"EntityRef"}) as unknown as TypedDocumentString<EntityRefFragment, unknown>;
export const RelationLineFragmentDoc = new TypedDocumentString(`
    fragment RelationLine on Relation {
  type
  evidence
  since
  lastSeen
  entity {
    ...EntityRef
    lastEvent {
      kind
      startedAt
    }
    condition {
      health
      title
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`, {"fragmentName":"RelationLine"}) as unknown as TypedDocumentString<RelationLineFragment, unknown>;
export const DutyFragmentDoc = new TypedDocumentString(`
    fragment Duty on OnCall {
  name
  role
  from
  until
  person {
    ...EntityRef
    timeZone
    email
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`, {"fragmentName":"Duty"}) as unknown as TypedDocumentString<DutyFragment, unknown>;
export const ShiftFragmentDoc = new TypedDocumentString(`
    fragment Shift on OnCall {
  role
  from
  until
  person {
    ref
  }
}
    `, {"fragmentName":"Shift"}) as unknown as TypedDocumentString<ShiftFragment, unknown>;
export const EventLineFragmentDoc = new TypedDocumentString(`
    fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}
    `, {"fragmentName":"EventLine"}) as unknown as TypedDocumentString<EventLineFragment, unknown>;
export const EventStepFragmentDoc = new TypedDocumentString(`
    fragment EventStep on Event {
  id
  kind
  phase
  title
  environment
  startedAt
  version
  exposure
  commit
  subjects {
    ref
    name
  }
  diff {
    field
    old
    new
  }
  labels {
    key
    value
  }
}
    `, {"fragmentName":"EventStep"}) as unknown as TypedDocumentString<EventStepFragment, unknown>;
export const FeedLineFragmentDoc = new TypedDocumentString(`
    fragment FeedLine on FeedRow {
  id
  shape
  count
  subjectCount
  dark
  distance
  subjects {
    ref
    name
    kind
    claimed
  }
  event {
    ...EventLine
  }
  events {
    ...EventStep
  }
}
    fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}
fragment EventStep on Event {
  id
  kind
  phase
  title
  environment
  startedAt
  version
  exposure
  commit
  subjects {
    ref
    name
  }
  diff {
    field
    old
    new
  }
  labels {
    key
    value
  }
}`, {"fragmentName":"FeedLine"}) as unknown as TypedDocumentString<FeedLineFragment, unknown>;
export const FacetCountFragmentDoc = new TypedDocumentString(`
    fragment FacetCount on FacetValue {
  value
  label
  count
}
    `, {"fragmentName":"FacetCount"}) as unknown as TypedDocumentString<FacetCountFragment, unknown>;
export const SuspectLineFragmentDoc = new TypedDocumentString(`
    fragment SuspectLine on Suspect {
  rank
  probability
  strength
  evidence {
    name
    weight
    sentence
  }
  beforeSeconds
  path
  direction
  undo {
    text
    url
    tool
    lost {
      event
      sentence
    }
  }
  owner {
    entity {
      ...EntityRef
    }
    people {
      name
      person {
        ...EntityRef
        email
      }
    }
  }
  verdict
  event {
    ...EventLine
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}`, {"fragmentName":"SuspectLine"}) as unknown as TypedDocumentString<SuspectLineFragment, unknown>;
export const RankingPartsFragmentDoc = new TypedDocumentString(`
    fragment RankingParts on Suspects {
  services
  environment
  since
  onset
  onsetBy
  summary
  none
  considered
  left
  ruledOutCount
  suspects {
    ...SuspectLine
  }
  ruledOut {
    reason
    sentence
    event {
      ...EventLine
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}
fragment SuspectLine on Suspect {
  rank
  probability
  strength
  evidence {
    name
    weight
    sentence
  }
  beforeSeconds
  path
  direction
  undo {
    text
    url
    tool
    lost {
      event
      sentence
    }
  }
  owner {
    entity {
      ...EntityRef
    }
    people {
      name
      person {
        ...EntityRef
        email
      }
    }
  }
  verdict
  event {
    ...EventLine
  }
}`, {"fragmentName":"RankingParts"}) as unknown as TypedDocumentString<RankingPartsFragment, unknown>;
export const IncidentLineFragmentDoc = new TypedDocumentString(`
    fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
    `, {"fragmentName":"IncidentLine"}) as unknown as TypedDocumentString<IncidentLineFragment, unknown>;
export const IncidentPartsFragmentDoc = new TypedDocumentString(`
    fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}`, {"fragmentName":"IncidentParts"}) as unknown as TypedDocumentString<IncidentPartsFragment, unknown>;
export const MapEventFragmentDoc = new TypedDocumentString(`
    fragment MapEvent on Event {
  id
  kind
  class
  title
  phase
  startedAt
}
    `, {"fragmentName":"MapEvent"}) as unknown as TypedDocumentString<MapEventFragment, unknown>;
export const MapNodeShownFragmentDoc = new TypedDocumentString(`
    fragment MapNodeShown on MapNode {
  id
  members
  distance
  dependants
  single
  circle
  changes
  troubles
  entity {
    ...EntityRef
    tier
    type
  }
  owner {
    ...EntityRef
  }
  change {
    ...MapEvent
  }
  trouble {
    ...MapEvent
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment MapEvent on Event {
  id
  kind
  class
  title
  phase
  startedAt
}`, {"fragmentName":"MapNodeShown"}) as unknown as TypedDocumentString<MapNodeShownFragment, unknown>;
export const FollowLineFragmentDoc = new TypedDocumentString(`
    fragment FollowLine on Follow {
  number
  source
  channel
  services
  teams
  tags
  environments
  kinds
  incidents
  quietFrom
  quietTo
  digest
  zone
  by
  noise {
    number
    text
    by
    at
  }
}
    `, {"fragmentName":"FollowLine"}) as unknown as TypedDocumentString<FollowLineFragment, unknown>;
export const PostLineFragmentDoc = new TypedDocumentString(`
    fragment PostLine on Post {
  id
  source
  channel
  thread
  topic
  state
  createdAt
  dueAt
  sentAt
  attempts
  sends
  fault
}
    `, {"fragmentName":"PostLine"}) as unknown as TypedDocumentString<PostLineFragment, unknown>;
export const SourceLineFragmentDoc = new TypedDocumentString(`
    fragment SourceLine on Source {
  name
  type
  state
  detail
  lastEventAt
  lookedAt
  secretAt
  events
  place
  delivers
  tool {
    title
    class
    issuesSecret
  }
  lately {
    lastAt
    partial
    hours {
      at
      outcome
      deliveries
    }
  }
  backfill {
    until
    at
    done
    events
  }
  observed {
    agent
    version
    cluster
    looksAt
    since
    heardAt
    syncedAt
    objects
    waiting
    lost
    lagSeconds
  }
}
    `, {"fragmentName":"SourceLine"}) as unknown as TypedDocumentString<SourceLineFragment, unknown>;
export const GuideTextFragmentDoc = new TypedDocumentString(`
    fragment GuideText on Guide {
  intro
  rights
  gives
  limits
  configuration
  ways {
    title
    steps
    notes
  }
}
    `, {"fragmentName":"GuideText"}) as unknown as TypedDocumentString<GuideTextFragment, unknown>;
export const FieldFormFragmentDoc = new TypedDocumentString(`
    fragment FieldForm on SettingField {
  name
  title
  help
  type
  required
  example
  gives
  givesExample
  choices {
    value
    title
  }
}
    `, {"fragmentName":"FieldForm"}) as unknown as TypedDocumentString<FieldFormFragment, unknown>;
export const JobLineFragmentDoc = new TypedDocumentString(`
    fragment JobLine on Job {
  id
  kind
  about
  state
  done
  total
  attempts
  fault
  by
  createdAt
  changedAt
  dueAt
  cancellable
  retriable
}
    `, {"fragmentName":"JobLine"}) as unknown as TypedDocumentString<JobLineFragment, unknown>;
export const SavedViewFragmentDoc = new TypedDocumentString(`
    fragment SavedView on View {
  id
  name
  query
  shared
  owner
  removable
}
    `, {"fragmentName":"SavedView"}) as unknown as TypedDocumentString<SavedViewFragment, unknown>;
export const LiveDocument = new TypedDocumentString(`
    subscription Live($filter: FeedFilter, $after: String) {
  events(filter: $filter, after: $after) {
    cursor
    event {
      id
      story
      startedAt
    }
  }
}
    `) as unknown as TypedDocumentString<LiveSubscription, LiveSubscriptionVariables>;
export const CatalogDocument = new TypedDocumentString(`
    query Catalog($filter: EntityFilter, $sort: EntitySort, $after: String, $first: Int) {
  entities(filter: $filter, sort: $sort, after: $after, first: $first) {
    total
    next
    nodes {
      ...CatalogLine
    }
  }
}
    fragment CatalogLine on Entity {
  ref
  kind
  name
  title
  description
  language
  tier
  lifecycle
  platform
  partOf {
    name
    title
  }
  owner {
    ref
    name
    title
  }
  onCall {
    name
    role
    person {
      name
      title
    }
  }
  tags {
    key
    value
  }
  lastEvent {
    ...CatalogChange
  }
  condition {
    health
    title
  }
}
fragment CatalogChange on Event {
  id
  kind
  class
  phase
  title
  startedAt
  version
  exposure
  diff {
    field
    old
    new
  }
}`) as unknown as TypedDocumentString<CatalogQuery, CatalogQueryVariables>;
export const CatalogFacetsDocument = new TypedDocumentString(`
    query CatalogFacets($filter: EntityFilter) {
  entities(filter: $filter, first: 1) {
    facets {
      name
      values {
        value
        label
        count
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CatalogFacetsQuery, CatalogFacetsQueryVariables>;
export const CatalogTotalsDocument = new TypedDocumentString(`
    query CatalogTotals {
  all: entities(filter: {kinds: [service]}, first: 1) {
    total
  }
  unowned: entities(filter: {kinds: [service], unowned: true}, first: 1) {
    total
  }
}
    `) as unknown as TypedDocumentString<CatalogTotalsQuery, CatalogTotalsQueryVariables>;
export const CatalogScanDocument = new TypedDocumentString(`
    query CatalogScan($first: Int) {
  entities(filter: {kinds: [service]}, first: $first) {
    next
    nodes {
      onCall {
        name
      }
      lastEvent {
        startedAt
      }
      tags {
        key
        value
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CatalogScanQuery, CatalogScanQueryVariables>;
export const CatalogExportDocument = new TypedDocumentString(`
    query CatalogExport($filter: EntityFilter, $sort: EntitySort, $after: String, $first: Int) {
  entities(filter: $filter, sort: $sort, after: $after, first: $first) {
    total
    next
    nodes {
      ref
      name
      title
      description
      language
      tier
      lifecycle
      platform
      owner {
        name
        title
      }
      onCall {
        name
        person {
          name
          title
        }
      }
      tags {
        key
        value
      }
      lastEvent {
        kind
        title
        startedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CatalogExportQuery, CatalogExportQueryVariables>;
export const BulkEditDocument = new TypedDocumentString(`
    mutation BulkEdit($ref: String!, $fields: [FieldInput!]!) {
  putEntity(ref: $ref, fields: $fields) {
    ref
  }
}
    `) as unknown as TypedDocumentString<BulkEditMutation, BulkEditMutationVariables>;
export const MigrationDocument = new TypedDocumentString(`
    query Migration($what: String!, $filter: EntityFilter) {
  migration(what: $what, filter: $filter) {
    done
    all
    teams {
      owner {
        ref
        name
        title
      }
      done
      all
      left
    }
    steps {
      at
      done
      all
    }
  }
}
    `) as unknown as TypedDocumentString<MigrationQuery, MigrationQueryVariables>;
export const OnCallNowDocument = new TypedDocumentString(`
    query OnCallNow($after: String, $q: String) {
  entities(filter: {kinds: [team], q: $q}, sort: name, after: $after, first: 200) {
    total
    next
    nodes {
      ...EntityRef
      timeZone
      contacts {
        type
        value
        title
      }
      owns {
        ref
        kind
        tier
      }
      onCall {
        ...Duty
      }
      nextOnCall {
        ...Duty
      }
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment Duty on OnCall {
  name
  role
  from
  until
  person {
    ...EntityRef
    timeZone
    email
  }
}`) as unknown as TypedDocumentString<OnCallNowQuery, OnCallNowQueryVariables>;
export const MyTeamsDocument = new TypedDocumentString(`
    query MyTeams {
  me {
    name
    teams
  }
}
    `) as unknown as TypedDocumentString<MyTeamsQuery, MyTeamsQueryVariables>;
export const HandoversDocument = new TypedDocumentString(`
    query Handovers {
  feed(filter: {kinds: ["oncall"]}, first: 20) {
    rows {
      id
      event {
        id
        title
        startedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<HandoversQuery, HandoversQueryVariables>;
export const AnnotationsDocument = new TypedDocumentString(`
    query Annotations($ref: String!, $format: String!, $workload: String, $namespace: String, $key: String) {
  entity(ref: $ref) {
    ref
    workloads
    descriptor(
      format: $format
      workload: $workload
      namespace: $namespace
      key: $key
    )
  }
}
    `) as unknown as TypedDocumentString<AnnotationsQuery, AnnotationsQueryVariables>;
export const EntityDocument = new TypedDocumentString(`
    query Entity($ref: String!) {
  entity(ref: $ref) {
    ...EntityRef
    description
    language
    languageVersion
    tier
    userFacing
    lifecycle
    platform
    deployedBy
    type
    rpo
    rto
    email
    timeZone
    described
    updatedAt
    aliases
    owner {
      ...EntityRef
      timeZone
      parts {
        ref
        kind
      }
      contacts {
        type
        value
        title
      }
    }
    onCall {
      ...Duty
    }
    nextOnCall {
      ...Duty
    }
    contacts {
      type
      value
      title
    }
    links {
      type
      title
      url
    }
    tags {
      key
      value
    }
    partOf {
      ...EntityRef
    }
    parts {
      ...EntityRef
    }
    owns {
      ...EntityRef
    }
    dependsOn {
      ...RelationLine
    }
    dependedOnBy {
      ...RelationLine
    }
    provides {
      ...RelationLine
    }
    consumes {
      ...RelationLine
    }
    running {
      environment
      version
      since
      seen
      kind
      group
      name
      cluster
      region
      commit
      images {
        container
        image
        version
      }
      asked
      ready
      updated
      least
      most
      phase
      message
      exposure
      schedule
      stopped
      hosts
      troubles
    }
    coverage {
      seen
      told
      partial
    }
    openIncidents {
      ...IncidentLine
    }
    facts {
      field
      value
      source
      since
      confirmedAt
      disagreeing {
        value
        source
        since
      }
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment RelationLine on Relation {
  type
  evidence
  since
  lastSeen
  entity {
    ...EntityRef
    lastEvent {
      kind
      startedAt
    }
    condition {
      health
      title
    }
  }
}
fragment Duty on OnCall {
  name
  role
  from
  until
  person {
    ...EntityRef
    timeZone
    email
  }
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}`) as unknown as TypedDocumentString<EntityQuery, EntityQueryVariables>;
export const TeamsDocument = new TypedDocumentString(`
    query Teams($after: String, $q: String) {
  entities(filter: {kinds: [team], q: $q}, sort: name, after: $after, first: 100) {
    total
    next
    nodes {
      ...EntityRef
      description
      onCall {
        name
        role
        until
        person {
          ...EntityRef
        }
      }
      owns {
        ref
        kind
      }
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`) as unknown as TypedDocumentString<TeamsQuery, TeamsQueryVariables>;
export const ShiftsDocument = new TypedDocumentString(`
    query Shifts($ref: String!) {
  entity(ref: $ref) {
    partOf {
      ...EntityRef
      onCall {
        ...Shift
      }
      nextOnCall {
        ...Shift
      }
      owns {
        ...EntityRef
        onCall {
          ...Shift
        }
        nextOnCall {
          ...Shift
        }
      }
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment Shift on OnCall {
  role
  from
  until
  person {
    ref
  }
}`) as unknown as TypedDocumentString<ShiftsQuery, ShiftsQueryVariables>;
export const BurnDocument = new TypedDocumentString(`
    query Burn($refs: [String!]!, $since: Time!) {
  feed(filter: {entities: $refs, kinds: ["slo"], since: $since}, first: 1) {
    rows {
      event {
        id
        title
        phase
        startedAt
        source
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BurnQuery, BurnQueryVariables>;
export const FeedDocument = new TypedDocumentString(`
    query Feed($filter: FeedFilter, $after: String, $first: Int) {
  feed(filter: $filter, after: $after, first: $first) {
    rows {
      ...FeedLine
    }
    next
    searchedUntil
  }
}
    fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}
fragment EventStep on Event {
  id
  kind
  phase
  title
  environment
  startedAt
  version
  exposure
  commit
  subjects {
    ref
    name
  }
  diff {
    field
    old
    new
  }
  labels {
    key
    value
  }
}
fragment FeedLine on FeedRow {
  id
  shape
  count
  subjectCount
  dark
  distance
  subjects {
    ref
    name
    kind
    claimed
  }
  event {
    ...EventLine
  }
  events {
    ...EventStep
  }
}`) as unknown as TypedDocumentString<FeedQuery, FeedQueryVariables>;
export const FeedHistogramDocument = new TypedDocumentString(`
    query FeedHistogram($filter: FeedFilter, $since: Time!, $until: Time!, $buckets: Int) {
  histogram(filter: $filter, since: $since, until: $until, buckets: $buckets) {
    since
    bucketSeconds
    people
    automation
    events
  }
}
    `) as unknown as TypedDocumentString<FeedHistogramQuery, FeedHistogramQueryVariables>;
export const FeedFacetsDocument = new TypedDocumentString(`
    query FeedFacets($all: FeedFilter, $noKinds: FeedFilter, $noWho: FeedFilter, $noTeams: FeedFilter, $noEnvironments: FeedFilter, $noSources: FeedFilter, $withKinds: Boolean!, $withWho: Boolean!, $withTeams: Boolean!, $withEnvironments: Boolean!, $withSources: Boolean!, $since: Time!, $until: Time!) {
  all: facets(filter: $all, since: $since, until: $until) {
    kinds {
      ...FacetCount
    }
    actorTypes {
      ...FacetCount
    }
    teams {
      ...FacetCount
    }
    environments {
      ...FacetCount
    }
    sources {
      ...FacetCount
    }
  }
  kinds: facets(filter: $noKinds, since: $since, until: $until) @include(if: $withKinds) {
    kinds {
      ...FacetCount
    }
  }
  who: facets(filter: $noWho, since: $since, until: $until) @include(if: $withWho) {
    actorTypes {
      ...FacetCount
    }
  }
  teams: facets(filter: $noTeams, since: $since, until: $until) @include(if: $withTeams) {
    teams {
      ...FacetCount
    }
  }
  environments: facets(filter: $noEnvironments, since: $since, until: $until) @include(if: $withEnvironments) {
    environments {
      ...FacetCount
    }
  }
  sources: facets(filter: $noSources, since: $since, until: $until) @include(if: $withSources) {
    sources {
      ...FacetCount
    }
  }
}
    fragment FacetCount on FacetValue {
  value
  label
  count
}`) as unknown as TypedDocumentString<FeedFacetsQuery, FeedFacetsQueryVariables>;
export const FeedNearestDocument = new TypedDocumentString(`
    query FeedNearest($filter: FeedFilter) {
  feed(filter: $filter, first: 1) {
    rows {
      event {
        startedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FeedNearestQuery, FeedNearestQueryVariables>;
export const FeedCompleteDocument = new TypedDocumentString(`
    query FeedComplete($q: String!, $kinds: [EntityKind!]) {
  search(q: $q, kinds: $kinds, first: 8) {
    ref
    kind
    name
    title
  }
}
    `) as unknown as TypedDocumentString<FeedCompleteQuery, FeedCompleteQueryVariables>;
export const EventDetailDocument = new TypedDocumentString(`
    query EventDetail($id: ID!) {
  event(id: $id) {
    ...EventLine
    key
    recordedBy
    redacted
    history {
      phase
      at
      receivedAt
    }
    ramp {
      exposure
      at
    }
  }
}
    fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}`) as unknown as TypedDocumentString<EventDetailQuery, EventDetailQueryVariables>;
export const EventStoryDocument = new TypedDocumentString(`
    query EventStory($id: ID!) {
  story(id: $id) {
    ...EventStep
  }
  storySteps(id: $id) {
    step
    succeeded
    tookSeconds
    sinceSeconds
    leadSeconds
    event {
      id
    }
  }
}
    fragment EventStep on Event {
  id
  kind
  phase
  title
  environment
  startedAt
  version
  exposure
  commit
  subjects {
    ref
    name
  }
  diff {
    field
    old
    new
  }
  labels {
    key
    value
  }
}`) as unknown as TypedDocumentString<EventStoryQuery, EventStoryQueryVariables>;
export const FeedSourcesDocument = new TypedDocumentString(`
    query FeedSources {
  sources {
    name
    state
    detail
    lastEventAt
  }
}
    `) as unknown as TypedDocumentString<FeedSourcesQuery, FeedSourcesQueryVariables>;
export const IncidentsDocument = new TypedDocumentString(`
    query Incidents($filter: IncidentFilter, $after: String) {
  incidents(filter: $filter, after: $after, first: 50) {
    next
    nodes {
      ...IncidentLine
    }
  }
}
    fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}`) as unknown as TypedDocumentString<IncidentsQuery, IncidentsQueryVariables>;
export const IncidentDocument = new TypedDocumentString(`
    query Incident($number: Int!) {
  incident(number: $number) {
    ...IncidentParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}`) as unknown as TypedDocumentString<IncidentQuery, IncidentQueryVariables>;
export const IncidentSuspectsDocument = new TypedDocumentString(`
    query IncidentSuspects($number: Int!) {
  incident(number: $number) {
    suspects {
      ...RankingParts
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}
fragment SuspectLine on Suspect {
  rank
  probability
  strength
  evidence {
    name
    weight
    sentence
  }
  beforeSeconds
  path
  direction
  undo {
    text
    url
    tool
    lost {
      event
      sentence
    }
  }
  owner {
    entity {
      ...EntityRef
    }
    people {
      name
      person {
        ...EntityRef
        email
      }
    }
  }
  verdict
  event {
    ...EventLine
  }
}
fragment RankingParts on Suspects {
  services
  environment
  since
  onset
  onsetBy
  summary
  none
  considered
  left
  ruledOutCount
  suspects {
    ...SuspectLine
  }
  ruledOut {
    reason
    sentence
    event {
      ...EventLine
    }
  }
}`) as unknown as TypedDocumentString<IncidentSuspectsQuery, IncidentSuspectsQueryVariables>;
export const SuspectsAtDocument = new TypedDocumentString(`
    query SuspectsAt($services: [String!]!, $at: Time, $environment: String) {
  suspects(services: $services, at: $at, environment: $environment) {
    ...RankingParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment EventLine on Event {
  id
  source
  kind
  class
  phase
  title
  detail
  subjects {
    ref
    name
    kind
    claimed
  }
  environment
  region
  cluster
  actor {
    type
    name
    via
    person {
      ref
      name
      title
    }
  }
  startedAt
  endedAt
  receivedAt
  version
  previous
  commit
  diff {
    field
    old
    new
  }
  exposure
  links {
    type
    title
    url
  }
  labels {
    key
    value
  }
  story
  dark
}
fragment SuspectLine on Suspect {
  rank
  probability
  strength
  evidence {
    name
    weight
    sentence
  }
  beforeSeconds
  path
  direction
  undo {
    text
    url
    tool
    lost {
      event
      sentence
    }
  }
  owner {
    entity {
      ...EntityRef
    }
    people {
      name
      person {
        ...EntityRef
        email
      }
    }
  }
  verdict
  event {
    ...EventLine
  }
}
fragment RankingParts on Suspects {
  services
  environment
  since
  onset
  onsetBy
  summary
  none
  considered
  left
  ruledOutCount
  suspects {
    ...SuspectLine
  }
  ruledOut {
    reason
    sentence
    event {
      ...EventLine
    }
  }
}`) as unknown as TypedDocumentString<SuspectsAtQuery, SuspectsAtQueryVariables>;
export const AcknowledgeIncidentDocument = new TypedDocumentString(`
    mutation AcknowledgeIncident($number: Int!) {
  acknowledgeIncident(number: $number) {
    ...IncidentParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}`) as unknown as TypedDocumentString<AcknowledgeIncidentMutation, AcknowledgeIncidentMutationVariables>;
export const ResolveIncidentDocument = new TypedDocumentString(`
    mutation ResolveIncident($number: Int!) {
  resolveIncident(number: $number) {
    ...IncidentParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}`) as unknown as TypedDocumentString<ResolveIncidentMutation, ResolveIncidentMutationVariables>;
export const AssignRoleDocument = new TypedDocumentString(`
    mutation AssignRole($number: Int!, $role: String!, $person: String) {
  assignRole(number: $number, role: $role, person: $person) {
    ...IncidentParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}`) as unknown as TypedDocumentString<AssignRoleMutation, AssignRoleMutationVariables>;
export const NoteIncidentDocument = new TypedDocumentString(`
    mutation NoteIncident($number: Int!, $text: String!) {
  noteIncident(number: $number, text: $text) {
    ...IncidentParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}`) as unknown as TypedDocumentString<NoteIncidentMutation, NoteIncidentMutationVariables>;
export const PageForIncidentDocument = new TypedDocumentString(`
    mutation PageForIncident($number: Int!, $source: String!, $text: String!) {
  pageForIncident(number: $number, source: $source, text: $text) {
    ...IncidentParts
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment IncidentLine on Incident {
  number
  title
  status
  severity
  environment
  openedAt
  acknowledgedAt
  resolvedAt
  subjects {
    ref
    name
    kind
    claimed
  }
}
fragment IncidentParts on Incident {
  ...IncidentLine
  region
  cluster
  mergedInto
  onset
  onsetBy
  firing
  signalCount
  pagers
  impact {
    tier
    userFacing
    callers
    first {
      ...EntityRef
    }
  }
  signals {
    id
    kind
    source
    detail
    environment
  }
  roles {
    role
    person
    holder {
      ...EntityRef
    }
  }
  links {
    type
    title
    url
  }
  conversations {
    source
    channel
    url
  }
  timeline(first: 500) {
    id
    kind
    at
    text
    by {
      type
      name
      via
      person {
        ref
        name
        title
      }
    }
    event
    fields {
      key
      value
    }
  }
}`) as unknown as TypedDocumentString<PageForIncidentMutation, PageForIncidentMutationVariables>;
export const JudgeDocument = new TypedDocumentString(`
    mutation Judge($number: Int!, $event: ID!, $finding: String!) {
  judgeChange(incident: $number, event: $event, finding: $finding) {
    finding
  }
}
    `) as unknown as TypedDocumentString<JudgeMutation, JudgeMutationVariables>;
export const SuspectsRecordDocument = new TypedDocumentString(`
    query SuspectsRecord {
  suspectsRecord {
    incidents
    verdicts
    missed
    since
    ranker {
      first
      three
      five
    }
    recency {
      first
      three
      five
    }
  }
}
    `) as unknown as TypedDocumentString<SuspectsRecordQuery, SuspectsRecordQueryVariables>;
export const MapDocument = new TypedDocumentString(`
    query Map($focus: [String!], $direction: MapDirection, $depth: Int, $groupBeyond: Int, $since: Time, $environments: [String!]) {
  map(
    focus: $focus
    direction: $direction
    depth: $depth
    groupBeyond: $groupBeyond
    since: $since
    environments: $environments
  ) {
    total
    left
    nodes {
      ...MapNodeShown
    }
    edges {
      from
      to
      count
      evidence
      via
      lastSeen
    }
    circles {
      ...EntityRef
    }
    singlePoints {
      dependants
      entity {
        ...EntityRef
      }
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment MapEvent on Event {
  id
  kind
  class
  title
  phase
  startedAt
}
fragment MapNodeShown on MapNode {
  id
  members
  distance
  dependants
  single
  circle
  changes
  troubles
  entity {
    ...EntityRef
    tier
    type
  }
  owner {
    ...EntityRef
  }
  change {
    ...MapEvent
  }
  trouble {
    ...MapEvent
  }
}`) as unknown as TypedDocumentString<MapQuery, MapQueryVariables>;
export const PathsDocument = new TypedDocumentString(`
    query Paths($from: String!, $to: String!) {
  paths(from: $from, to: $to, first: 6) {
    stops {
      ...EntityRef
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`) as unknown as TypedDocumentString<PathsQuery, PathsQueryVariables>;
export const MapInspectorDocument = new TypedDocumentString(`
    query MapInspector($ref: String!) {
  entity(ref: $ref) {
    ...EntityRef
    description
    language
    type
    tier
    owner {
      ...EntityRef
    }
    onCall {
      name
      role
      until
      person {
        ...EntityRef
        email
      }
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`) as unknown as TypedDocumentString<MapInspectorQuery, MapInspectorQueryVariables>;
export const PickEntityDocument = new TypedDocumentString(`
    query PickEntity($q: String!, $kinds: [EntityKind!]) {
  search(q: $q, kinds: $kinds, first: 8) {
    ...EntityRef
    owner {
      ...EntityRef
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`) as unknown as TypedDocumentString<PickEntityQuery, PickEntityQueryVariables>;
export const HoldingsDocument = new TypedDocumentString(`
    query Holdings($focus: [String!]) {
  map(focus: $focus, depth: 1, groupBeyond: 1000) {
    total
    nodes {
      id
      distance
      dependants
      single
      changes
      trouble {
        ...MapEvent
      }
      entity {
        ...EntityRef
        description
        tier
        described
        onCall {
          name
        }
        links {
          type
        }
        lastEvent {
          ...MapEvent
        }
        condition {
          health
          title
        }
      }
    }
    edges {
      from
      to
      evidence
      lastSeen
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}
fragment MapEvent on Event {
  id
  kind
  class
  title
  phase
  startedAt
}`) as unknown as TypedDocumentString<HoldingsQuery, HoldingsQueryVariables>;
export const PaletteDocument = new TypedDocumentString(`
    query Palette($q: String!) {
  search(q: $q, first: 7) {
    ...EntityRef
    owner {
      ...EntityRef
    }
    links {
      type
      title
      url
    }
    onCall {
      name
      person {
        ...EntityRef
        email
      }
    }
    lastEvent {
      startedAt
    }
  }
}
    fragment EntityRef on Entity {
  ref
  kind
  name
  title
}`) as unknown as TypedDocumentString<PaletteQuery, PaletteQueryVariables>;
export const PaletteChangesDocument = new TypedDocumentString(`
    query PaletteChanges($q: String!, $since: Time!) {
  feed(filter: {q: $q, since: $since}, first: 4) {
    rows {
      id
      event {
        id
        kind
        title
        startedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PaletteChangesQuery, PaletteChangesQueryVariables>;
export const FollowsDocument = new TypedDocumentString(`
    query Follows {
  follows {
    ...FollowLine
  }
  sources {
    name
    tool {
      title
      class
    }
  }
}
    fragment FollowLine on Follow {
  number
  source
  channel
  services
  teams
  tags
  environments
  kinds
  incidents
  quietFrom
  quietTo
  digest
  zone
  by
  noise {
    number
    text
    by
    at
  }
}`) as unknown as TypedDocumentString<FollowsQuery, FollowsQueryVariables>;
export const FollowDocument = new TypedDocumentString(`
    mutation Follow($input: FollowInput!) {
  follow(input: $input) {
    number
  }
}
    `) as unknown as TypedDocumentString<FollowMutation, FollowMutationVariables>;
export const UnfollowDocument = new TypedDocumentString(`
    mutation Unfollow($number: Int!) {
  unfollow(number: $number)
}
    `) as unknown as TypedDocumentString<UnfollowMutation, UnfollowMutationVariables>;
export const UnmuteDocument = new TypedDocumentString(`
    mutation Unmute($number: Int!, $noise: Int!) {
  unmute(number: $number, noise: $noise) {
    number
  }
}
    `) as unknown as TypedDocumentString<UnmuteMutation, UnmuteMutationVariables>;
export const PostsDocument = new TypedDocumentString(`
    query Posts($state: PostState, $after: String) {
  posts(state: $state, after: $after) {
    nodes {
      ...PostLine
    }
    next
  }
}
    fragment PostLine on Post {
  id
  source
  channel
  thread
  topic
  state
  createdAt
  dueAt
  sentAt
  attempts
  sends
  fault
}`) as unknown as TypedDocumentString<PostsQuery, PostsQueryVariables>;
export const RetryPostDocument = new TypedDocumentString(`
    mutation RetryPost($id: ID!) {
  retryPost(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<RetryPostMutation, RetryPostMutationVariables>;
export const JobsDocument = new TypedDocumentString(`
    query Jobs($state: JobState) {
  jobs(state: $state, first: 200) {
    ...JobLine
  }
}
    fragment JobLine on Job {
  id
  kind
  about
  state
  done
  total
  attempts
  fault
  by
  createdAt
  changedAt
  dueAt
  cancellable
  retriable
}`) as unknown as TypedDocumentString<JobsQuery, JobsQueryVariables>;
export const RetryJobDocument = new TypedDocumentString(`
    mutation RetryJob($id: ID!) {
  retryJob(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<RetryJobMutation, RetryJobMutationVariables>;
export const CancelJobDocument = new TypedDocumentString(`
    mutation CancelJob($id: ID!) {
  cancelJob(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<CancelJobMutation, CancelJobMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  viewer {
    name
    kind
    noLogin
    version
    organisation
    may
  }
  installation {
    runtime
    database
    startedAt
  }
  me {
    id
    name
    title
    email
    issuer
    role
    groups
    teams
    createdAt
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const SessionsDocument = new TypedDocumentString(`
    query Sessions {
  sessions {
    id
    createdAt
    seenAt
    expiresAt
    address
    userAgent
    current
  }
}
    `) as unknown as TypedDocumentString<SessionsQuery, SessionsQueryVariables>;
export const EndSessionDocument = new TypedDocumentString(`
    mutation EndSession($id: ID) {
  endSession(id: $id)
}
    `) as unknown as TypedDocumentString<EndSessionMutation, EndSessionMutationVariables>;
export const TokensDocument = new TypedDocumentString(`
    query Tokens($all: Boolean!, $after: String) {
  tokens(all: $all, after: $after) {
    next
    nodes {
      id
      name
      kind
      role
      scopes
      source
      createdBy
      createdAt
      expiresAt
      lastUsedAt
      lastAddress
      revokedAt
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TokensQuery, TokensQueryVariables>;
export const CreateTokenDocument = new TypedDocumentString(`
    mutation CreateToken($input: TokenInput!) {
  createToken(input: $input) {
    secret
    token {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<CreateTokenMutation, CreateTokenMutationVariables>;
export const RevokeTokenDocument = new TypedDocumentString(`
    mutation RevokeToken($id: ID!) {
  revokeToken(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<RevokeTokenMutation, RevokeTokenMutationVariables>;
export const PeopleDocument = new TypedDocumentString(`
    query People($q: String, $role: Role, $after: String) {
  people(q: $q, role: $role, after: $after) {
    total
    next
    nodes {
      id
      name
      title
      email
      issuer
      role
      givenRole
      groups
      teams
      disabledAt
      createdAt
      seenAt
    }
  }
}
    `) as unknown as TypedDocumentString<PeopleQuery, PeopleQueryVariables>;
export const SetRoleDocument = new TypedDocumentString(`
    mutation SetRole($account: ID!, $role: Role) {
  setRole(account: $account, role: $role) {
    id
  }
}
    `) as unknown as TypedDocumentString<SetRoleMutation, SetRoleMutationVariables>;
export const SetDisabledDocument = new TypedDocumentString(`
    mutation SetDisabled($account: ID!, $disabled: Boolean!) {
  setDisabled(account: $account, disabled: $disabled) {
    id
  }
}
    `) as unknown as TypedDocumentString<SetDisabledMutation, SetDisabledMutationVariables>;
export const InviteDocument = new TypedDocumentString(`
    mutation Invite($role: Role, $account: ID) {
  invite(role: $role, account: $account)
}
    `) as unknown as TypedDocumentString<InviteMutation, InviteMutationVariables>;
export const SourcesDocument = new TypedDocumentString(`
    query Sources {
  sources {
    ...SourceLine
  }
}
    fragment SourceLine on Source {
  name
  type
  state
  detail
  lastEventAt
  lookedAt
  secretAt
  events
  place
  delivers
  tool {
    title
    class
    issuesSecret
  }
  lately {
    lastAt
    partial
    hours {
      at
      outcome
      deliveries
    }
  }
  backfill {
    until
    at
    done
    events
  }
  observed {
    agent
    version
    cluster
    looksAt
    since
    heardAt
    syncedAt
    objects
    waiting
    lost
    lagSeconds
  }
}`) as unknown as TypedDocumentString<SourcesQuery, SourcesQueryVariables>;
export const SourceDocument = new TypedDocumentString(`
    query Source($name: String!) {
  source(name: $name) {
    ...SourceLine
  }
}
    fragment SourceLine on Source {
  name
  type
  state
  detail
  lastEventAt
  lookedAt
  secretAt
  events
  place
  delivers
  tool {
    title
    class
    issuesSecret
  }
  lately {
    lastAt
    partial
    hours {
      at
      outcome
      deliveries
    }
  }
  backfill {
    until
    at
    done
    events
  }
  observed {
    agent
    version
    cluster
    looksAt
    since
    heardAt
    syncedAt
    objects
    waiting
    lost
    lagSeconds
  }
}`) as unknown as TypedDocumentString<SourceQuery, SourceQueryVariables>;
export const SourceGuideDocument = new TypedDocumentString(`
    query SourceGuide($name: String!, $base: String!) {
  source(name: $name) {
    guide(base: $base) {
      ...GuideText
    }
  }
}
    fragment GuideText on Guide {
  intro
  rights
  gives
  limits
  configuration
  ways {
    title
    steps
    notes
  }
}`) as unknown as TypedDocumentString<SourceGuideQuery, SourceGuideQueryVariables>;
export const ToolsDocument = new TypedDocumentString(`
    query Tools {
  tools {
    type
    title
    summary
    class
    delivers
    byAgent
  }
}
    `) as unknown as TypedDocumentString<ToolsQuery, ToolsQueryVariables>;
export const ToolDocument = new TypedDocumentString(`
    query Tool($type: String!, $base: String!, $name: String!) {
  tool(type: $type) {
    type
    title
    summary
    delivers
    looks
    issuesSecret
    byAgent
    guide(base: $base, name: $name) {
      ...GuideText
    }
    fields {
      ...FieldForm
    }
    examples {
      name
      title
      query
      body
      headers {
        key
        value
      }
    }
  }
}
    fragment GuideText on Guide {
  intro
  rights
  gives
  limits
  configuration
  ways {
    title
    steps
    notes
  }
}
fragment FieldForm on SettingField {
  name
  title
  help
  type
  required
  example
  gives
  givesExample
  choices {
    value
    title
  }
}`) as unknown as TypedDocumentString<ToolQuery, ToolQueryVariables>;
export const SecretKeepingDocument = new TypedDocumentString(`
    query SecretKeeping {
  secretKeeping {
    possible
    problem
  }
}
    `) as unknown as TypedDocumentString<SecretKeepingQuery, SecretKeepingQueryVariables>;
export const SourceSettingsDocument = new TypedDocumentString(`
    query SourceSettings($name: String!) {
  sourceSettings(name: $name) {
    type
    every
    disabled
    settings
    revision
    changedAt
    changedBy
    secrets {
      name
      fingerprint
      changedAt
    }
  }
}
    `) as unknown as TypedDocumentString<SourceSettingsQuery, SourceSettingsQueryVariables>;
export const DeliveriesDocument = new TypedDocumentString(`
    query Deliveries($source: String!, $outcome: Outcome, $after: String) {
  deliveries(source: $source, outcome: $outcome, after: $after, first: 50) {
    next
    nodes {
      id
      key
      receivedAt
      lastAt
      times
      outcome
      reason
      eventCount
      bytes
    }
  }
}
    `) as unknown as TypedDocumentString<DeliveriesQuery, DeliveriesQueryVariables>;
export const DeliveryDocument = new TypedDocumentString(`
    query Delivery($source: String!, $id: ID!) {
  delivery(source: $source, id: $id) {
    id
    key
    receivedAt
    lastAt
    times
    outcome
    reason
    eventCount
    bytes
    query
    body
    headers {
      key
      value
    }
    events {
      id
      title
      kind
      phase
      startedAt
    }
  }
}
    `) as unknown as TypedDocumentString<DeliveryQuery, DeliveryQueryVariables>;
export const TrySourceDocument = new TypedDocumentString(`
    query TrySource($trial: TrialInput!) {
  trySource(trial: $trial) {
    ignored
    fault
    events {
      key
      kind
      phase
      title
      detail
      environment
      actor
      actorType
      version
      previous
      commit
      startedAt
      endedAt
      labels {
        key
        value
      }
      links {
        title
        url
      }
      subjects {
        name
        new
        entity {
          ref
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TrySourceQuery, TrySourceQueryVariables>;
export const CreateSourceDocument = new TypedDocumentString(`
    mutation CreateSource($input: NewSourceInput!) {
  createSource(input: $input) {
    secret
    source {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<CreateSourceMutation, CreateSourceMutationVariables>;
export const ChangeSourceDocument = new TypedDocumentString(`
    mutation ChangeSource($name: String!, $every: String, $settings: JSON!, $revision: Int!) {
  changeSource(
    name: $name
    every: $every
    settings: $settings
    revision: $revision
  ) {
    name
  }
}
    `) as unknown as TypedDocumentString<ChangeSourceMutation, ChangeSourceMutationVariables>;
export const SwitchSourceDocument = new TypedDocumentString(`
    mutation SwitchSource($name: String!, $on: Boolean!) {
  switchSource(name: $name, on: $on) {
    name
  }
}
    `) as unknown as TypedDocumentString<SwitchSourceMutation, SwitchSourceMutationVariables>;
export const SetSourceSecretDocument = new TypedDocumentString(`
    mutation SetSourceSecret($name: String!, $field: String!, $secret: String, $keepLast: Boolean!) {
  setSourceSecret(
    name: $name
    field: $field
    secret: $secret
    keepLast: $keepLast
  ) {
    secret
  }
}
    `) as unknown as TypedDocumentString<SetSourceSecretMutation, SetSourceSecretMutationVariables>;
export const DropSourceSecretDocument = new TypedDocumentString(`
    mutation DropSourceSecret($name: String!, $field: String!) {
  dropSourceSecret(name: $name, field: $field) {
    name
  }
}
    `) as unknown as TypedDocumentString<DropSourceSecretMutation, DropSourceSecretMutationVariables>;
export const RemoveSourceDocument = new TypedDocumentString(`
    mutation RemoveSource($name: String!) {
  removeSource(name: $name)
}
    `) as unknown as TypedDocumentString<RemoveSourceMutation, RemoveSourceMutationVariables>;
export const ReplayDeliveryDocument = new TypedDocumentString(`
    mutation ReplayDelivery($source: String!, $id: ID!) {
  replayDelivery(source: $source, id: $id) {
    outcome
    reason
    events
  }
}
    `) as unknown as TypedDocumentString<ReplayDeliveryMutation, ReplayDeliveryMutationVariables>;
export const ReplayFailedDocument = new TypedDocumentString(`
    mutation ReplayFailed($source: String!) {
  replayFailed(source: $source) {
    ...JobLine
  }
}
    fragment JobLine on Job {
  id
  kind
  about
  state
  done
  total
  attempts
  fault
  by
  createdAt
  changedAt
  dueAt
  cancellable
  retriable
}`) as unknown as TypedDocumentString<ReplayFailedMutation, ReplayFailedMutationVariables>;
export const SourceCoverageDocument = new TypedDocumentString(`
    query SourceCoverage($name: String!) {
  source(name: $name) {
    coverage {
      since
      events
      partial
      told
      usual
      entities
      unclaimedCount
      seenAndTold
      seenAndToldByOthers
      seenOnly
      kinds {
        kind
        expected
        events
        lastAt
      }
      unclaimed {
        name
        events
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SourceCoverageQuery, SourceCoverageQueryVariables>;
export const ArrivedDocument = new TypedDocumentString(`
    query Arrived {
  feed(first: 20) {
    rows {
      event {
        id
        source
        title
        startedAt
        receivedAt
        subjects {
          kind
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ArrivedQuery, ArrivedQueryVariables>;
export const DescribeDocument = new TypedDocumentString(`
    mutation Describe($name: String!, $content: String!) {
  applyDescriptors(documents: [{name: $name, content: $content}]) {
    entities
    faults {
      field
      detail
    }
  }
}
    `) as unknown as TypedDocumentString<DescribeMutation, DescribeMutationVariables>;
export const StartTokenDocument = new TypedDocumentString(`
    mutation StartToken($input: TokenInput!) {
  createToken(input: $input) {
    secret
  }
}
    `) as unknown as TypedDocumentString<StartTokenMutation, StartTokenMutationVariables>;
export const UnclaimedDocument = new TypedDocumentString(`
    query Unclaimed($after: String) {
  unclaimed(after: $after, first: 50) {
    total
    next
    nodes {
      alias
      events
      firstAt
      lastAt
      example {
        id
        title
      }
      suggestions {
        reason
        score
        entity {
          ref
          kind
          name
          title
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UnclaimedQuery, UnclaimedQueryVariables>;
export const ClaimAliasDocument = new TypedDocumentString(`
    mutation ClaimAlias($alias: String!, $ref: String!) {
  claimAlias(alias: $alias, ref: $ref) {
    events
    entity {
      ref
      kind
      name
      title
    }
  }
}
    `) as unknown as TypedDocumentString<ClaimAliasMutation, ClaimAliasMutationVariables>;
export const UnclaimAliasDocument = new TypedDocumentString(`
    mutation UnclaimAlias($ref: String!, $field: String!) {
  putEntity(ref: $ref, fields: [{field: $field, value: null}]) {
    ref
  }
}
    `) as unknown as TypedDocumentString<UnclaimAliasMutation, UnclaimAliasMutationVariables>;
export const JobDocument = new TypedDocumentString(`
    query Job($id: ID!) {
  job(id: $id) {
    ...JobLine
  }
}
    fragment JobLine on Job {
  id
  kind
  about
  state
  done
  total
  attempts
  fault
  by
  createdAt
  changedAt
  dueAt
  cancellable
  retriable
}`) as unknown as TypedDocumentString<JobQuery, JobQueryVariables>;
export const OpenIncidentsDocument = new TypedDocumentString(`
    query OpenIncidents($first: Int!) {
  incidents(filter: {statuses: ["open", "acknowledged"]}, first: $first) {
    next
    nodes {
      number
    }
  }
}
    `) as unknown as TypedDocumentString<OpenIncidentsQuery, OpenIncidentsQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    name
    kind
    noLogin
    may
    organisation
    version
    environments
    counts {
      kind
      count
    }
  }
  unclaimed(first: 1) {
    total
  }
  kinds {
    name
    class
    icon
    verb
    title
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const ViewsDocument = new TypedDocumentString(`
    query Views($page: ViewPage!) {
  views(page: $page) {
    ...SavedView
  }
}
    fragment SavedView on View {
  id
  name
  query
  shared
  owner
  removable
}`) as unknown as TypedDocumentString<ViewsQuery, ViewsQueryVariables>;
export const SaveViewDocument = new TypedDocumentString(`
    mutation SaveView($input: ViewInput!) {
  saveView(input: $input) {
    ...SavedView
  }
}
    fragment SavedView on View {
  id
  name
  query
  shared
  owner
  removable
}`) as unknown as TypedDocumentString<SaveViewMutation, SaveViewMutationVariables>;
export const RemoveViewDocument = new TypedDocumentString(`
    mutation RemoveView($id: String!) {
  removeView(id: $id)
}
    `) as unknown as TypedDocumentString<RemoveViewMutation, RemoveViewMutationVariables>;