export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** Any JSON value: the value of a claim, which is a string, a number, a boolean or an object of the roll. */
  JSON: { input: unknown; output: unknown; }
  Time: { input: string; output: string; }
};

export type Account = {
  createdAt: Scalars['Time']['output'];
  disabledAt?: Maybe<Scalars['Time']['output']>;
  email: Scalars['String']['output'];
  /** The role that an administrator gave; null when the groups decide. */
  givenRole?: Maybe<Role>;
  groups: Array<Scalars['String']['output']>;
  id: Scalars['ID']['output'];
  /** Who vouches for the account: an OpenID Connect issuer, or `local`. */
  issuer: Scalars['String']['output'];
  name: Scalars['String']['output'];
  /** The role that counts; null when neither an administrator nor a group gives one. */
  role?: Maybe<Role>;
  seenAt?: Maybe<Scalars['Time']['output']>;
  teams: Array<Scalars['String']['output']>;
  title: Scalars['String']['output'];
};

export type Actor = {
  name: Scalars['String']['output'];
  person?: Maybe<Entity>;
  type: Scalars['String']['output'];
  via: Scalars['String']['output'];
};

export type Backfill = {
  /** How far it has come. */
  at?: Maybe<Scalars['Time']['output']>;
  done: Scalars['Boolean']['output'];
  events: Scalars['Int']['output'];
  /** How far back it goes; null where only a number bounds it. */
  until?: Maybe<Scalars['Time']['output']>;
};

export type ClaimAliasResult = {
  entity: Entity;
  /** Events of the past that are the entity's now. */
  events: Scalars['Int']['output'];
  /** Those that become so in the background. */
  left: Scalars['Int']['output'];
};

/** The worst of what is open of an entity. Of one that is calm there is no event. */
export type Condition = {
  event?: Maybe<Scalars['ID']['output']>;
  health: Health;
  since?: Maybe<Scalars['Time']['output']>;
  title: Scalars['String']['output'];
};

export type Contact = {
  title?: Maybe<Scalars['String']['output']>;
  type: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type Conversation = {
  channel: Scalars['String']['output'];
  source: Scalars['String']['output'];
  thread: Scalars['String']['output'];
  url: Scalars['String']['output'];
};

export type Coverage = {
  /** True when there were more changes than could be counted; the newest were. */
  partial: Scalars['Boolean']['output'];
  seen: Scalars['Int']['output'];
  since: Scalars['Time']['output'];
  told: Scalars['Int']['output'];
};

export type CreatedToken = {
  secret: Scalars['String']['output'];
  token: Token;
};

export type DeliveredHour = {
  at: Scalars['Time']['output'];
  deliveries: Scalars['Int']['output'];
  outcome: Outcome;
};

export type Delivery = {
  /** Without its secrets; null where it is not kept. */
  body?: Maybe<Scalars['String']['output']>;
  /** Bytes of the body as it came. */
  bytes: Scalars['Int']['output'];
  eventCount: Scalars['Int']['output'];
  /** Those in the log that it told of. */
  events?: Maybe<Array<Event>>;
  /** Those that are read; null in lists, as all that follows. */
  headers?: Maybe<Array<Tag>>;
  id: Scalars['ID']['output'];
  /** The tool's own id of it; empty where it has none. */
  key: Scalars['String']['output'];
  lastAt: Scalars['Time']['output'];
  outcome: Outcome;
  query?: Maybe<Scalars['String']['output']>;
  /** Why it was ignored, failed or refused. */
  reason: Scalars['String']['output'];
  receivedAt: Scalars['Time']['output'];
  source: Scalars['String']['output'];
  /** How often it was sent. */
  times: Scalars['Int']['output'];
};

export type DeliveryExample = {
  body: Scalars['String']['output'];
  headers: Array<Tag>;
  name: Scalars['String']['output'];
  query: Scalars['String']['output'];
  title: Scalars['String']['output'];
};

export type DeliveryPage = {
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Delivery>;
};

export type DiffEntry = {
  field: Scalars['String']['output'];
  new: Scalars['String']['output'];
  old: Scalars['String']['output'];
};

export type DocumentFault = {
  detail: Scalars['String']['output'];
  field: Scalars['String']['output'];
  line: Scalars['Int']['output'];
};

export type DocumentInput = {
  content: Scalars['String']['input'];
  /** Where it comes from, for messages and provenance: a path or URL. */
  name: Scalars['String']['input'];
};

export type DocumentResult = {
  changed: Scalars['Int']['output'];
  entities: Array<Scalars['String']['output']>;
  faults: Array<DocumentFault>;
  format: Scalars['String']['output'];
  name: Scalars['String']['output'];
  unchanged: Scalars['Int']['output'];
  warnings: Array<DocumentFault>;
};

export type EditIncidentInput = {
  cluster?: InputMaybe<Scalars['String']['input']>;
  environment?: InputMaybe<Scalars['String']['input']>;
  onset?: InputMaybe<Scalars['Time']['input']>;
  region?: InputMaybe<Scalars['String']['input']>;
  /** In the place of those before. */
  services?: InputMaybe<Array<Scalars['String']['input']>>;
  severity?: InputMaybe<Scalars['Int']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

export type Entity = {
  /** Names of this entity in other tools, such as `github:acme/payments`. */
  aliases: Array<Scalars['String']['output']>;
  /** How it is now; null at an instant of the past. */
  condition?: Maybe<Condition>;
  consumes: Array<Relation>;
  contacts: Array<Contact>;
  /**
   * How many of the changes that were seen in the last 30 days were also told, by a pipeline or a tool: of an entity that is
   * told of fully, an empty feed means that nothing changed.
   */
  coverage: Coverage;
  dependedOnBy: Array<Relation>;
  dependsOn: Array<Relation>;
  deployedBy?: Maybe<Scalars['String']['output']>;
  /** False when it is known only because an event named it. */
  described: Scalars['Boolean']['output'];
  description: Scalars['String']['output'];
  /**
   * The descriptor of this entity in a format: tidings, kubernetes, kustomize, helm, kubectl or backstage. For kustomize and
   * kubectl the workload is KIND/NAME, such as deployment/pricing; for helm the key is where the chart's values take
   * annotations.
   */
  descriptor: Scalars['String']['output'];
  email?: Maybe<Scalars['String']['output']>;
  /** Every fact with its source and age, and the sources that disagree. */
  facts: Array<Fact>;
  kind: EntityKind;
  language?: Maybe<Scalars['String']['output']>;
  languageVersion?: Maybe<Scalars['String']['output']>;
  /** The newest event of the entity itself; null when there is none. That who is on call changed is none: it is of the calendar. */
  lastEvent?: Maybe<Event>;
  lifecycle?: Maybe<Scalars['String']['output']>;
  links: Array<Link>;
  name: Scalars['String']['output'];
  /** Who takes over from them, of each role the first to do so. Empty where no source told who comes. */
  nextOnCall: Array<OnCall>;
  /** Who answers a page, the primary first: who is named for it, or else for its team; for a team whoever is for what it owns, where nobody is named for itself. */
  onCall: Array<OnCall>;
  /** Incidents of it that are open or acknowledged, those opened last first: at most ten. At an instant of the past, none. */
  openIncidents: Array<Incident>;
  owner?: Maybe<Entity>;
  /** Entities this one owns, at most 200 by name. */
  owns: Array<Entity>;
  /** Entities this one is part of (a service of a system, a person of a team). */
  partOf: Array<Entity>;
  /** Entities that are part of this one, at most 200 by name. */
  parts: Array<Entity>;
  platform?: Maybe<Scalars['String']['output']>;
  /** Who provides an API. */
  providedBy: Array<Relation>;
  provides: Array<Relation>;
  /** `service:checkout-api` */
  ref: Scalars['String']['output'];
  /** True when nobody claims it any more; it keeps its past. */
  retired: Scalars['Boolean']['output'];
  /** Recovery point and time objectives, as durations such as `15m`. */
  rpo?: Maybe<Scalars['String']['output']>;
  rto?: Maybe<Scalars['String']['output']>;
  /**
   * What runs just now: its workloads as agents see them, at most 200, and the latest successful deploy of each environment in
   * which none is seen. At an instant of the past, the latest successful deploys before it.
   */
  running: Array<Running>;
  tags: Array<Tag>;
  tier?: Maybe<Scalars['Int']['output']>;
  timeZone?: Maybe<Scalars['String']['output']>;
  /** A name for people, where it differs from the name. */
  title?: Maybe<Scalars['String']['output']>;
  type?: Maybe<Scalars['String']['output']>;
  updatedAt: Scalars['Time']['output'];
  /** Whether end users feel its loss; null when nobody said. */
  userFacing?: Maybe<Scalars['Boolean']['output']>;
  /** The workloads that are this entity by its aliases, NAMESPACE/KIND/NAME: shop/deployment/pricing. */
  workloads: Array<Scalars['String']['output']>;
};


export type EntityDescriptorArgs = {
  format?: InputMaybe<Scalars['String']['input']>;
  key?: InputMaybe<Scalars['String']['input']>;
  namespace?: InputMaybe<Scalars['String']['input']>;
  workload?: InputMaybe<Scalars['String']['input']>;
};

export type EntityFilter = {
  healths?: InputMaybe<Array<Health>>;
  kinds?: InputMaybe<Array<EntityKind>>;
  languages?: InputMaybe<Array<Scalars['String']['input']>>;
  lifecycles?: InputMaybe<Array<Scalars['String']['input']>>;
  owners?: InputMaybe<Array<Scalars['String']['input']>>;
  platforms?: InputMaybe<Array<Scalars['String']['input']>>;
  q?: InputMaybe<Scalars['String']['input']>;
  systems?: InputMaybe<Array<Scalars['String']['input']>>;
  /** `key` or `key:value`; every one given must match. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  tiers?: InputMaybe<Array<Scalars['Int']['input']>>;
  /** True keeps only what nobody owns. */
  unowned?: InputMaybe<Scalars['Boolean']['input']>;
};

export type EntityKind =
  | 'api'
  | 'person'
  | 'resource'
  | 'service'
  | 'system'
  | 'team';

export type EntityPage = {
  /** Counts by value of what the other filters let through. */
  facets: Array<Facet>;
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Entity>;
  total: Scalars['Int']['output'];
};

export type EntitySort =
  | 'health'
  | 'last_change'
  | 'name'
  | 'owner'
  | 'tier';

export type Event = {
  actor: Actor;
  class: Scalars['String']['output'];
  cluster: Scalars['String']['output'];
  commit: Scalars['String']['output'];
  /** Seen by looking, told by nobody. */
  dark: Scalars['Boolean']['output'];
  detail: Scalars['String']['output'];
  diff: Array<DiffEntry>;
  endedAt?: Maybe<Scalars['Time']['output']>;
  environment: Scalars['String']['output'];
  /** Per cent of traffic or hosts. */
  exposure?: Maybe<Scalars['Float']['output']>;
  history: Array<PhaseChange>;
  id: Scalars['ID']['output'];
  key: Scalars['String']['output'];
  kind: Scalars['String']['output'];
  labels: Array<Tag>;
  links: Array<Link>;
  phase: Scalars['String']['output'];
  previous: Scalars['String']['output'];
  /** How its exposure rose and fell, by time, where it was told more than once. */
  ramp: Array<Exposed>;
  receivedAt: Scalars['Time']['output'];
  recordedBy: Scalars['String']['output'];
  /** The fields that secrets were taken out of, such as detail or labels/dsn. */
  redacted: Array<Scalars['String']['output']>;
  region: Scalars['String']['output'];
  source: Scalars['String']['output'];
  startedAt: Scalars['Time']['output'];
  story?: Maybe<Scalars['ID']['output']>;
  subjects: Array<Subject>;
  title: Scalars['String']['output'];
  version: Scalars['String']['output'];
};

export type Evidence = {
  name: Scalars['String']['output'];
  sentence: Scalars['String']['output'];
  weight: Scalars['Float']['output'];
};

export type Exposed = {
  at: Scalars['Time']['output'];
  /** Per cent of traffic or hosts. */
  exposure: Scalars['Float']['output'];
};

export type Facet = {
  name: Scalars['String']['output'];
  values: Array<FacetValue>;
};

export type FacetValue = {
  count: Scalars['Int']['output'];
  label: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type Fact = {
  confirmedAt: Scalars['Time']['output'];
  disagreeing: Array<OtherFact>;
  field: Scalars['String']['output'];
  since: Scalars['Time']['output'];
  source: Scalars['String']['output'];
  value: Scalars['JSON']['output'];
};

export type FeedFacets = {
  actorTypes: Array<FacetValue>;
  environments: Array<FacetValue>;
  kinds: Array<FacetValue>;
  sources: Array<FacetValue>;
  teams: Array<FacetValue>;
};

export type FeedFilter = {
  /** person, automation or unknown */
  actorTypes?: InputMaybe<Array<Scalars['String']['input']>>;
  actors?: InputMaybe<Array<Scalars['String']['input']>>;
  /** change, signal or note */
  classes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Only what was seen by looking, and told by nobody. */
  dark?: InputMaybe<Scalars['Boolean']['input']>;
  depth?: InputMaybe<Scalars['Int']['input']>;
  /** Any entity references: services, resources, systems, teams. */
  entities?: InputMaybe<Array<Scalars['String']['input']>>;
  environments?: InputMaybe<Array<Scalars['String']['input']>>;
  kinds?: InputMaybe<Array<Scalars['String']['input']>>;
  phases?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Words in title and detail. */
  q?: InputMaybe<Scalars['String']['input']>;
  services?: InputMaybe<Array<Scalars['String']['input']>>;
  since?: InputMaybe<Scalars['Time']['input']>;
  sources?: InputMaybe<Array<Scalars['String']['input']>>;
  systems?: InputMaybe<Array<Scalars['String']['input']>>;
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  teams?: InputMaybe<Array<Scalars['String']['input']>>;
  until?: InputMaybe<Scalars['Time']['input']>;
  /** Adds what the named services depend on, to `depth` steps (1 to 10). */
  withDependencies?: InputMaybe<Scalars['Boolean']['input']>;
};

export type FeedPage = {
  next?: Maybe<Scalars['String']['output']>;
  rows: Array<FeedRow>;
  /** How far back was searched, when the page ended for that reason before it was full. */
  searchedUntil?: Maybe<Scalars['Time']['output']>;
};

/** One line of the feed: a story, or a storm of like events folded into one. */
export type FeedRow = {
  /** How many events the row stands for, the shown one included. */
  count: Scalars['Int']['output'];
  /** Seen by looking, told by nobody: not by any of its events. */
  dark: Scalars['Boolean']['output'];
  /** Steps of dependency from the named services; 0 for themselves, null when dependencies were not asked for. */
  distance?: Maybe<Scalars['Int']['output']>;
  /** The latest event that the filter lets through; the row stands at its time. */
  event: Event;
  /** The other events of the story, oldest first, at most 20; of a storm, the newest 20. */
  events: Array<Event>;
  /** Stable while steps land: the id of the story or storm, or of the lone event. */
  id: Scalars['ID']['output'];
  /** story, storm or event */
  shape: Scalars['String']['output'];
  subjectCount: Scalars['Int']['output'];
  /** The distinct entities that it is about, at most 20. */
  subjects: Array<Subject>;
};

/** A field of the roll as in docs/data-model.md, such as `description`, `tier`, `owner`, `tag/pci`, `link/runbook/https://…`, `depends-on/service:ledger`. A null value withdraws the claim. */
export type FieldInput = {
  field: Scalars['String']['input'];
  value?: InputMaybe<Scalars['JSON']['input']>;
};

/** A channel wants to hear of something. */
export type Follow = {
  by: Scalars['String']['output'];
  channel: Scalars['String']['output'];
  createdAt: Scalars['Time']['output'];
  digest: Scalars['String']['output'];
  environments: Array<Scalars['String']['output']>;
  /** Incidents as well, with what could be their cause. */
  incidents: Scalars['Boolean']['output'];
  /** Without any, all changes but merges and builds. */
  kinds: Array<Scalars['String']['output']>;
  noise: Array<Noise>;
  number: Scalars['Int']['output'];
  /** Times of day in the zone; empty for none. */
  quietFrom: Scalars['String']['output'];
  quietTo: Scalars['String']['output'];
  services: Array<Scalars['String']['output']>;
  source: Scalars['String']['output'];
  tags: Array<Scalars['String']['output']>;
  teams: Array<Scalars['String']['output']>;
  zone: Scalars['String']['output'];
};

export type FollowInput = {
  channel?: Scalars['String']['input'];
  digest?: Scalars['String']['input'];
  environments?: InputMaybe<Array<Scalars['String']['input']>>;
  incidents?: Scalars['Boolean']['input'];
  kinds?: InputMaybe<Array<Scalars['String']['input']>>;
  quietFrom?: Scalars['String']['input'];
  quietTo?: Scalars['String']['input'];
  services?: InputMaybe<Array<Scalars['String']['input']>>;
  source: Scalars['String']['input'];
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  teams?: InputMaybe<Array<Scalars['String']['input']>>;
  zone?: Scalars['String']['input'];
};

/** How a tool is set up. All texts are Markdown. */
export type Guide = {
  configuration: Scalars['String']['output'];
  gives: Scalars['String']['output'];
  intro: Scalars['String']['output'];
  limits: Scalars['String']['output'];
  rights: Scalars['String']['output'];
  ways: Array<GuideWay>;
};

export type GuideWay = {
  notes: Scalars['String']['output'];
  steps: Array<Scalars['String']['output']>;
  title: Scalars['String']['output'];
};

export type HeaderInput = {
  name: Scalars['String']['input'];
  value: Scalars['String']['input'];
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

export type Histogram = {
  automation: Array<Scalars['Int']['output']>;
  bucketSeconds: Scalars['Int']['output'];
  events: Scalars['Int']['output'];
  /** True when there were more events than could be counted; the newest were. */
  partial: Scalars['Boolean']['output'];
  people: Array<Scalars['Int']['output']>;
  since: Scalars['Time']['output'];
};

/** In how many incidents the cause stood among the first so many. */
export type Hits = {
  first: Scalars['Int']['output'];
  five: Scalars['Int']['output'];
  three: Scalars['Int']['output'];
};

/** What is at stake, as far as the roll tells of what is in trouble. */
export type Impact = {
  /** How many depend on them, directly or through others, without themselves. */
  callers: Scalars['Int']['output'];
  /** Those of the callers that come first: what end users feel, then by tier and by how near; at most three. */
  first: Array<Entity>;
  /** The tier of the most critical; null where nobody said. */
  tier?: Maybe<Scalars['Int']['output']>;
  /** Whether end users feel its loss: of any of them; null where nobody said of any. */
  userFacing?: Maybe<Scalars['Boolean']['output']>;
};

export type Incident = {
  acknowledgedAt?: Maybe<Scalars['Time']['output']>;
  /** When its signals last began or ended. */
  activeAt?: Maybe<Scalars['Time']['output']>;
  cluster: Scalars['String']['output'];
  conversations: Array<Conversation>;
  /** How many entries its timeline has. */
  entries: Scalars['Int']['output'];
  environment: Scalars['String']['output'];
  /** How many of them go on. */
  firing: Scalars['Int']['output'];
  impact: Impact;
  links: Array<Link>;
  mergedInto?: Maybe<Scalars['Int']['output']>;
  /** `INC-482` */
  name: Scalars['String']['output'];
  number: Scalars['Int']['output'];
  /** When it began, and what that was estimated from: page, alert, signal or person. */
  onset: Scalars['Time']['output'];
  onsetBy: Scalars['String']['output'];
  openedAt: Scalars['Time']['output'];
  /** The sources through which somebody can be paged for it. */
  pagers: Array<Scalars['String']['output']>;
  region: Scalars['String']['output'];
  resolvedAt?: Maybe<Scalars['Time']['output']>;
  /** Who does what: the usual roles, whether anybody has them or not, and others that somebody has. */
  roles: Array<IncidentRole>;
  /** 1, the worst, to 5; null where nobody said. */
  severity?: Maybe<Scalars['Int']['output']>;
  signalCount: Scalars['Int']['output'];
  /** The alerts and pages that speak of it, the latest 50. */
  signals: Array<Event>;
  /** open, acknowledged or resolved */
  status: Scalars['String']['output'];
  /** What is in trouble. */
  subjects: Array<Subject>;
  /** What could be the cause. Of a resolved one it stays as it was, unless it is asked for again. */
  suspects: Suspects;
  /** What was said and done, in the order in which it was learned, at most 500 at once. */
  timeline: Array<IncidentEntry>;
  title: Scalars['String']['output'];
  /** The latest word of people on each change. */
  verdicts: Array<Verdict>;
};


export type IncidentSuspectsArgs = {
  again?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type IncidentTimelineArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type IncidentChange = {
  /** Resume after this. */
  cursor: Scalars['Int']['output'];
  entry: IncidentEntry;
  incident: Scalars['Int']['output'];
  kind: Scalars['String']['output'];
  sequence: Scalars['Int']['output'];
};

export type IncidentEntry = {
  /** When it happened. */
  at: Scalars['Time']['output'];
  by: Actor;
  /** The event of the log that it is about. */
  event?: Maybe<Scalars['ID']['output']>;
  fields: Array<Tag>;
  id: Scalars['ID']['output'];
  /** opened, signal, acknowledged, resolved, reopened, merged, split, edited, role, said, noted, done, verdict, conversation or called */
  kind: Scalars['String']['output'];
  recordedAt: Scalars['Time']['output'];
  sequence: Scalars['Int']['output'];
  subjects: Array<Subject>;
  /** Markdown, untrusted. */
  text: Scalars['String']['output'];
};

export type IncidentFilter = {
  environments?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Is in the title, in the name such as INC-482, or in the name of what is in trouble; case makes no difference. */
  q?: InputMaybe<Scalars['String']['input']>;
  services?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The mildest that is listed: 1 is the worst. */
  severity?: InputMaybe<Scalars['Int']['input']>;
  since?: InputMaybe<Scalars['Time']['input']>;
  /** open, acknowledged or resolved */
  statuses?: InputMaybe<Array<Scalars['String']['input']>>;
  systems?: InputMaybe<Array<Scalars['String']['input']>>;
  teams?: InputMaybe<Array<Scalars['String']['input']>>;
  until?: InputMaybe<Scalars['Time']['input']>;
};

export type IncidentPage = {
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Incident>;
};

export type IncidentRole = {
  /** As the roll knows them. */
  holder?: Maybe<Entity>;
  /** A reference, or the name of one whom the roll cannot know; empty where nobody has it. */
  person: Scalars['String']['output'];
  role: Scalars['String']['output'];
};

export type Installation = {
  /** The engine: SQLite or PostgreSQL. */
  database: Scalars['String']['output'];
  /** Such as `go1.26.1, linux/amd64`. */
  runtime: Scalars['String']['output'];
  startedAt: Scalars['Time']['output'];
};

export type Job = {
  /** What it is about, in a few words: the name, or the source. */
  about: Scalars['String']['output'];
  /** Failures in a row. */
  attempts: Scalars['Int']['output'];
  by: Scalars['String']['output'];
  cancellable: Scalars['Boolean']['output'];
  changedAt: Scalars['Time']['output'];
  createdAt: Scalars['Time']['output'];
  done: Scalars['Int']['output'];
  /** When it is tried again, of one that waits for that. */
  dueAt: Scalars['Time']['output'];
  /** Why it last failed, or who cancelled it; empty where neither is so. */
  fault: Scalars['String']['output'];
  id: Scalars['ID']['output'];
  /** attribute (a name gets its past), release (a name gives it back) or replay (deliveries are decoded again) */
  kind: Scalars['String']['output'];
  retriable: Scalars['Boolean']['output'];
  state: JobState;
  /** Null where nobody knows. */
  total?: Maybe<Scalars['Int']['output']>;
};

/** What became of a job. One that is dead failed for good; one that waits may be on its way, or wait to be tried again. */
export type JobState =
  | 'cancelled'
  | 'dead'
  | 'done'
  | 'waiting';

export type Kind = {
  class: Scalars['String']['output'];
  icon: Scalars['String']['output'];
  name: Scalars['String']['output'];
  title: Scalars['String']['output'];
  verb: Scalars['String']['output'];
};

export type KindCount = {
  count: Scalars['Int']['output'];
  kind: EntityKind;
};

export type Lately = {
  /** By hour and outcome, the oldest first; hours without any are left out. */
  hours: Array<DeliveredHour>;
  /** When the last delivery came, of whatever outcome. */
  lastAt?: Maybe<Scalars['Time']['output']>;
  /** True when there were more than were counted; the newest were. */
  partial: Scalars['Boolean']['output'];
};

export type Link = {
  title: Scalars['String']['output'];
  type: Scalars['String']['output'];
  url: Scalars['String']['output'];
};

export type LiveEvent = {
  /** Resume after this. */
  cursor: Scalars['String']['output'];
  event: Event;
};

export type Loss = {
  event: Scalars['ID']['output'];
  sentence: Scalars['String']['output'];
};

/** `secret` is what was made, and is not shown again; null where none was. */
export type MadeSource = {
  secret?: Maybe<Scalars['String']['output']>;
  source: Source;
};

export type Map = {
  /** Groups of entities that depend on each other in a circle, where at least one of them is on the map. At most 20, of 50 each. */
  circles: Array<Array<Entity>>;
  edges: Array<MapEdge>;
  /** How many entities were left out, because there was too much: of more than 100 groups those in trouble are shown, then those that the most depend on. */
  left: Scalars['Int']['output'];
  /** Those in focus first, then by distance and name. */
  nodes: Array<MapNode>;
  /** What on this map at least a quarter of all that depend on anything cannot do without, the heaviest first, at most 20. */
  singlePoints: Array<SinglePoint>;
  /** How many entities are on the map, in groups or by themselves. */
  total: Scalars['Int']['output'];
};

export type MapDirection =
  | 'both'
  | 'callers'
  | 'calls';

/** The first depends on the second. */
export type MapEdge = {
  /** How many dependencies it stands for, between groups. */
  count: Scalars['Int']['output'];
  /** declared, observed or both */
  evidence: Scalars['String']['output'];
  from: Scalars['ID']['output'];
  lastSeen?: Maybe<Scalars['Time']['output']>;
  since: Scalars['Time']['output'];
  to: Scalars['ID']['output'];
  /** The APIs by which it is reached. */
  via: Array<Scalars['String']['output']>;
};

/** An entity, or those of one owner together. */
export type MapNode = {
  /** The newest change. */
  change?: Maybe<Event>;
  changes: Scalars['Int']['output'];
  /** The place of its circle in the list of circles, from 1; null when it is in none. */
  circle?: Maybe<Scalars['Int']['output']>;
  /** How many entities of the roll depend on it, directly or through others; of a group the most of any member. */
  dependants: Scalars['Int']['output'];
  /** Steps from the focus; those that depend on it are below zero. */
  distance: Scalars['Int']['output'];
  /** Null for a group. */
  entity?: Maybe<Entity>;
  id: Scalars['ID']['output'];
  members: Scalars['Int']['output'];
  /** Whose it is; null when nobody owns it. */
  owner?: Maybe<Entity>;
  /** Whether it is one of the single points. */
  single: Scalars['Boolean']['output'];
  /** The newest alert or incident that is open. */
  trouble?: Maybe<Event>;
  troubles: Scalars['Int']['output'];
};

export type Migration = {
  all: Scalars['Int']['output'];
  done: Scalars['Int']['output'];
  /**
   * Each instant at which more or less had to move, or had moved, the earliest first. Where there were more than was asked for,
   * the last in each of so many equal spaces of time.
   */
  steps: Array<MigrationStep>;
  /** By who owns it now, the most left first. */
  teams: Array<MigrationTeam>;
};

export type MigrationStep = {
  all: Scalars['Int']['output'];
  at: Scalars['Time']['output'];
  done: Scalars['Int']['output'];
};

/** What nobody owns has no owner. `left` are names, in order. */
export type MigrationTeam = {
  all: Scalars['Int']['output'];
  done: Scalars['Int']['output'];
  left: Array<Scalars['String']['output']>;
  owner?: Maybe<Entity>;
};

export type Mutation = {
  acknowledgeIncident: Incident;
  /** Reads descriptors in any format that Tidings knows. With dryRun nothing is written. */
  applyDescriptors: Array<DocumentResult>;
  /** Gives a role, such as commander, to a person, or to `me`, whoever asks; without one it is taken away. Whoever had it hands it over. */
  assignRole: Incident;
  /** Ends a job where it is. */
  cancelJob: Job;
  /** Sets a source anew, if it still has the revision that was seen. */
  changeSource: Source;
  /** Says that an outside name is an entity; re-attributes its past. */
  claimAlias: ClaimAliasResult;
  /** Makes a source, which runs at once. */
  createSource: MadeSource;
  /** Makes a token, and gives its secret, which is never shown again. */
  createToken: CreatedToken;
  /** Withdraws what people claimed by hand about an entity. An entity that nobody claims any more is retired, never deleted. */
  deleteEntity: Scalars['Boolean']['output'];
  /** Takes a secret of a source away, such as `previous_secret`. */
  dropSourceSecret: Source;
  /** Corrects what is known of it. Signals change no field that a person set. */
  editIncident: Incident;
  /** Ends a session; without an id all sessions of the account but the one that asks. Without an account, the viewer's own. */
  endSession: Scalars['Boolean']['output'];
  /** Lets a channel hear of what changes. */
  follow: Follow;
  /** Makes the secret of a one-time link, good for an hour: for a new local account of a role, or for one that there is. */
  invite: Scalars['String']['output'];
  /** Says what a change had to do with it: caused, fixed, suspect or dismissed. */
  judgeChange: Verdict;
  /** Says that it is another one, which is answered. */
  mergeIncident: Incident;
  noteIncident: Incident;
  /** Opens an incident by hand. */
  openIncident: Incident;
  /** Pages whoever is on call, through a source that can; the only one there is where none is named. */
  pageForIncident: Incident;
  /** Claims fields of an entity by hand. The strongest source there is. Creates the entity when there is none. */
  putEntity: Entity;
  /** Takes a source away, with its secrets. What it told stays in the log. */
  removeSource: Scalars['Boolean']['output'];
  /** Takes a view away: one's own, or as an operator a shared one. */
  removeView: Scalars['Boolean']['output'];
  reopenIncident: Incident;
  /** Decodes a delivery again. */
  replayDelivery: Replay;
  /** Begins to decode again all that failed, the newest first; the job tells how far it has come. */
  replayFailed: Job;
  resolveIncident: Incident;
  /** Begins a job anew that is dead or was cancelled. */
  retryJob: Job;
  /** Sends again what was given up. */
  retryPost: Post;
  /** Ends a token at once. */
  revokeToken: Token;
  /** Saves a view. The same name again replaces it; a shared one of somebody else is replaced by operators only. */
  saveView: View;
  /** Ends an account with its sessions and tokens, or lets it in again. */
  setDisabled: Account;
  /** Gives an account a role, which stands above what its groups give; without one, takes that back. */
  setRole: Account;
  /**
   * Sets a secret of a source: what the tool gave or, where none is given, one that is made, which is given back this once.
   * With keepLast the secret before it goes on to count.
   */
  setSourceSecret: MadeSource;
  /** Says that some of its signals are another trouble, which is answered. */
  splitIncident: Incident;
  /** Switches a source on or off. One that is off neither looks nor takes anything. */
  switchSource: Source;
  /** Ends a follow. */
  unfollow: Scalars['Boolean']['output'];
  /** Takes back that something is noise. */
  unmute: Follow;
};


export type MutationAcknowledgeIncidentArgs = {
  number: Scalars['Int']['input'];
};


export type MutationApplyDescriptorsArgs = {
  documents: Array<DocumentInput>;
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
};


export type MutationAssignRoleArgs = {
  number: Scalars['Int']['input'];
  person?: InputMaybe<Scalars['String']['input']>;
  role: Scalars['String']['input'];
};


export type MutationCancelJobArgs = {
  id: Scalars['ID']['input'];
};


export type MutationChangeSourceArgs = {
  every?: InputMaybe<Scalars['String']['input']>;
  name: Scalars['String']['input'];
  revision: Scalars['Int']['input'];
  settings: Scalars['JSON']['input'];
};


export type MutationClaimAliasArgs = {
  alias: Scalars['String']['input'];
  ref: Scalars['String']['input'];
};


export type MutationCreateSourceArgs = {
  input: NewSourceInput;
};


export type MutationCreateTokenArgs = {
  input: TokenInput;
};


export type MutationDeleteEntityArgs = {
  ref: Scalars['String']['input'];
};


export type MutationDropSourceSecretArgs = {
  field: Scalars['String']['input'];
  name: Scalars['String']['input'];
};


export type MutationEditIncidentArgs = {
  input: EditIncidentInput;
  number: Scalars['Int']['input'];
};


export type MutationEndSessionArgs = {
  account?: InputMaybe<Scalars['ID']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
};


export type MutationFollowArgs = {
  input: FollowInput;
};


export type MutationInviteArgs = {
  account?: InputMaybe<Scalars['ID']['input']>;
  role?: InputMaybe<Role>;
};


export type MutationJudgeChangeArgs = {
  event: Scalars['ID']['input'];
  finding: Scalars['String']['input'];
  incident: Scalars['Int']['input'];
  reason?: InputMaybe<Scalars['String']['input']>;
};


export type MutationMergeIncidentArgs = {
  into: Scalars['Int']['input'];
  number: Scalars['Int']['input'];
};


export type MutationNoteIncidentArgs = {
  number: Scalars['Int']['input'];
  text: Scalars['String']['input'];
};


export type MutationOpenIncidentArgs = {
  input: OpenIncidentInput;
};


export type MutationPageForIncidentArgs = {
  number: Scalars['Int']['input'];
  source?: InputMaybe<Scalars['String']['input']>;
  text?: InputMaybe<Scalars['String']['input']>;
};


export type MutationPutEntityArgs = {
  fields: Array<FieldInput>;
  ref: Scalars['String']['input'];
};


export type MutationRemoveSourceArgs = {
  name: Scalars['String']['input'];
};


export type MutationRemoveViewArgs = {
  id: Scalars['String']['input'];
};


export type MutationReopenIncidentArgs = {
  number: Scalars['Int']['input'];
};


export type MutationReplayDeliveryArgs = {
  id: Scalars['ID']['input'];
  source: Scalars['String']['input'];
};


export type MutationReplayFailedArgs = {
  source: Scalars['String']['input'];
};


export type MutationResolveIncidentArgs = {
  number: Scalars['Int']['input'];
  text?: InputMaybe<Scalars['String']['input']>;
};


export type MutationRetryJobArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRetryPostArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRevokeTokenArgs = {
  id: Scalars['ID']['input'];
};


export type MutationSaveViewArgs = {
  input: ViewInput;
};


export type MutationSetDisabledArgs = {
  account: Scalars['ID']['input'];
  disabled: Scalars['Boolean']['input'];
};


export type MutationSetRoleArgs = {
  account: Scalars['ID']['input'];
  role?: InputMaybe<Role>;
};


export type MutationSetSourceSecretArgs = {
  field?: InputMaybe<Scalars['String']['input']>;
  keepLast?: InputMaybe<Scalars['Boolean']['input']>;
  name: Scalars['String']['input'];
  secret?: InputMaybe<Scalars['String']['input']>;
};


export type MutationSplitIncidentArgs = {
  number: Scalars['Int']['input'];
  signals: Array<Scalars['ID']['input']>;
};


export type MutationSwitchSourceArgs = {
  name: Scalars['String']['input'];
  on: Scalars['Boolean']['input'];
};


export type MutationUnfollowArgs = {
  number: Scalars['Int']['input'];
};


export type MutationUnmuteArgs = {
  noise: Scalars['Int']['input'];
  number: Scalars['Int']['input'];
};

export type NewSourceInput = {
  every?: InputMaybe<Scalars['String']['input']>;
  /** Make the secret that the tool is to be given. */
  generateSecret?: InputMaybe<Scalars['Boolean']['input']>;
  name: Scalars['String']['input'];
  /** By the names of their fields. */
  secrets?: InputMaybe<Array<SecretInput>>;
  settings?: InputMaybe<Scalars['JSON']['input']>;
  type: Scalars['String']['input'];
};

/** What is not told any more. */
export type Noise = {
  at: Scalars['Time']['output'];
  by: Scalars['String']['output'];
  number: Scalars['Int']['output'];
  /** It in words. */
  text: Scalars['String']['output'];
};

export type Observed = {
  /** The process, such as its pod. */
  agent: Scalars['String']['output'];
  cluster: Scalars['String']['output'];
  heardAt: Scalars['Time']['output'];
  /** How long ago it had seen what it sent last, when that was committed. */
  lagSeconds: Scalars['Float']['output'];
  looksAt: Scalars['String']['output'];
  /** Observations that found no room, and were made up for by looking again. */
  lost: Scalars['Int']['output'];
  objects: Scalars['Int']['output'];
  /** When its session began. */
  since: Scalars['Time']['output'];
  /** When it had seen everything once. */
  syncedAt?: Maybe<Scalars['Time']['output']>;
  version: Scalars['String']['output'];
  /** Observations that it holds and has not sent. */
  waiting: Scalars['Int']['output'];
};

/** A shift. It has no beginning where it had begun when it was told, and no end where none is known. */
export type OnCall = {
  from?: Maybe<Scalars['Time']['output']>;
  name: Scalars['String']['output'];
  person?: Maybe<Entity>;
  role: Scalars['String']['output'];
  until?: Maybe<Scalars['Time']['output']>;
};

export type OpenIncidentInput = {
  cluster?: InputMaybe<Scalars['String']['input']>;
  environment?: InputMaybe<Scalars['String']['input']>;
  /** When it began; now where it is left out. */
  onset?: InputMaybe<Scalars['Time']['input']>;
  region?: InputMaybe<Scalars['String']['input']>;
  /** What is in trouble: services by name, or references. */
  services: Array<Scalars['String']['input']>;
  /** 1, the worst, to 5. */
  severity?: InputMaybe<Scalars['Int']['input']>;
  /** The first note. */
  text?: InputMaybe<Scalars['String']['input']>;
  title: Scalars['String']['input'];
};

export type OtherFact = {
  since: Scalars['Time']['output'];
  source: Scalars['String']['output'];
  value: Scalars['JSON']['output'];
};

/** What became of a delivery. */
export type Outcome =
  | 'failed'
  | 'ignored'
  | 'refused'
  | 'taken';

export type Path = {
  stops: Array<Entity>;
};

export type PeoplePage = {
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Account>;
  total: Scalars['Int']['output'];
};

export type PhaseChange = {
  at: Scalars['Time']['output'];
  phase: Scalars['String']['output'];
  receivedAt: Scalars['Time']['output'];
};

/** A promise to say something somewhere. */
export type Post = {
  /** Since it was last sent. */
  attempts: Scalars['Int']['output'];
  /** The chat's own id of a channel, or a mail address; empty where a source has one place. */
  channel: Scalars['String']['output'];
  createdAt: Scalars['Time']['output'];
  /** When it is sent, or looked at again; null for never. */
  dueAt?: Maybe<Scalars['Time']['output']>;
  /** What is wrong with it. */
  fault?: Maybe<Scalars['String']['output']>;
  id: Scalars['ID']['output'];
  /** How often it was sent and changed; none where there was nothing to say. */
  sends: Scalars['Int']['output'];
  sentAt?: Maybe<Scalars['Time']['output']>;
  /** The configured chat. */
  source: Scalars['String']['output'];
  state: PostState;
  thread?: Maybe<Scalars['String']['output']>;
  /** suspects, answer, notice, story, digest, brief, unfurl or incident */
  topic: Scalars['String']['output'];
};

export type PostPage = {
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Post>;
};

/** How far a post has come: a dead one was given up, and can be sent again. */
export type PostState =
  | 'dead'
  | 'sent'
  | 'waiting';

export type Query = {
  /** What a source sent, the last first. */
  deliveries: DeliveryPage;
  /** One delivery as it is kept; null when it is not kept any more. */
  delivery?: Maybe<Delivery>;
  /** The catalog. `filter.q` searches names, descriptions, tags, owners and links: prefixes, words, and one typo. */
  entities: EntityPage;
  /** One entity by its reference, such as `service:pricing`; null when there is none. `at` answers as it held at an instant. */
  entity?: Maybe<Entity>;
  /** One event by its id; null when there is none. */
  event?: Maybe<Event>;
  /** How many events of the filter there are by kind, environment, team, source and actor type. */
  facets: FeedFacets;
  /** The feed: stories, newest first, storms folded into one line. */
  feed: FeedPage;
  /** Who follows what, by number. */
  follows: Array<Follow>;
  /** Counts over time of what the filter lets through, by people and by automation. */
  histogram: Histogram;
  /** One incident; null where there is none. One that was merged says into which. */
  incident?: Maybe<Incident>;
  /** Incidents, those opened last first. */
  incidents: IncidentPage;
  /** What answers: the server that was asked, which may be one of several. */
  installation: Installation;
  /** One of them, such as `replay:github failed` or `attribute:github:acme/payments`; null when there is none. */
  job?: Maybe<Job>;
  /** Jobs, the last changed first. */
  jobs: Array<Job>;
  /** The kinds an event can have, with their class, icon and verb. */
  kinds: Array<Kind>;
  /**
   * Who depends on whom around the focus: services, resources, APIs, or teams and systems for all that is theirs; without one,
   * the whole. `depth` is 1 to 10 steps. Beyond `groupBeyond` entities those that are not in focus stand together by who owns
   * them. Changes are those since `since`, a day ago unless said otherwise; troubles are the alerts and incidents that are open.
   */
  map: Map;
  /** The account that asks; null for a service account, and while login is off. */
  me?: Maybe<Account>;
  /**
   * How far a migration has come: of what the filter lets through now, what carries the tag `migration:WHAT`, and of that what
   * carries `migrated:WHAT` as well; and how it came there, by what the sources said of the time since. `steps` is at most 200.
   */
  migration: Migration;
  /** The ways by which one entity depends on another, the shortest first; none when it does not. */
  paths: Array<Path>;
  /** The people who can log in, by name. For administrators. */
  people: PeoplePage;
  /** What was and is to be said, the newest first, without the words. */
  posts: PostPage;
  /** Entities whose name or words match, best first, of every kind. For the palette and for completion. */
  search: Array<Entity>;
  /** Whether secrets can be kept; what to do about it otherwise. */
  secretKeeping: SecretKeeping;
  /** The sessions of an account, newest first: without one, the viewer's own. */
  sessions: Array<Session>;
  /** One source; null when there is none. */
  source?: Maybe<Source>;
  /** What is set of a source that can be changed here; null for one of the configuration file. That somebody looked is recorded. */
  sourceSettings?: Maybe<SourceSettings>;
  /** The configured sources and how they are doing. */
  sources: Array<Source>;
  /** The events of one story, oldest first. */
  story: Array<Event>;
  /** The steps of one story that were reached, in the order in which they were, with the time that each took. */
  storySteps: Array<StoryStep>;
  /**
   * What could be the cause of a trouble in services, given by name or reference: the changes of them and of their
   * neighbourhood, the likeliest first, and what is ruled out. Without `at` it began now. docs/ranking.md tells how.
   */
  suspects: Suspects;
  /** How the ranking of suspects did on the incidents of this installation, as people judged them. */
  suspectsRecord: TrackRecord;
  /** Tokens, newest first: the viewer's own, or those of everyone and of service accounts. */
  tokens: TokenPage;
  /** One of them by its type, such as `github`; null when there is none. */
  tool?: Maybe<Tool>;
  /** The tools that Tidings understands, by title. */
  tools: Array<Tool>;
  /** What would become of a delivery. Nothing is kept. */
  trySource: Trial;
  /** Outside names that no entity answers to yet, most events first. */
  unclaimed: UnclaimedPage;
  /** Who asks, and what this installation is. */
  viewer: Viewer;
  /** The viewer's own views of a page, and the shared ones, by name. */
  views: Array<View>;
};


export type QueryDeliveriesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  outcome?: InputMaybe<Outcome>;
  source: Scalars['String']['input'];
};


export type QueryDeliveryArgs = {
  id: Scalars['ID']['input'];
  source: Scalars['String']['input'];
};


export type QueryEntitiesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EntityFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  sort?: InputMaybe<EntitySort>;
};


export type QueryEntityArgs = {
  at?: InputMaybe<Scalars['Time']['input']>;
  ref: Scalars['String']['input'];
};


export type QueryEventArgs = {
  id: Scalars['ID']['input'];
};


export type QueryFacetsArgs = {
  filter?: InputMaybe<FeedFilter>;
  since: Scalars['Time']['input'];
  until: Scalars['Time']['input'];
};


export type QueryFeedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<FeedFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryHistogramArgs = {
  buckets?: InputMaybe<Scalars['Int']['input']>;
  filter?: InputMaybe<FeedFilter>;
  since: Scalars['Time']['input'];
  until: Scalars['Time']['input'];
};


export type QueryIncidentArgs = {
  number: Scalars['Int']['input'];
};


export type QueryIncidentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<IncidentFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryJobArgs = {
  id: Scalars['ID']['input'];
};


export type QueryJobsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  state?: InputMaybe<JobState>;
};


export type QueryMapArgs = {
  depth?: InputMaybe<Scalars['Int']['input']>;
  direction?: InputMaybe<MapDirection>;
  environments?: InputMaybe<Array<Scalars['String']['input']>>;
  focus?: InputMaybe<Array<Scalars['String']['input']>>;
  groupBeyond?: InputMaybe<Scalars['Int']['input']>;
  since?: InputMaybe<Scalars['Time']['input']>;
};


export type QueryMigrationArgs = {
  filter?: InputMaybe<EntityFilter>;
  steps?: InputMaybe<Scalars['Int']['input']>;
  what: Scalars['String']['input'];
};


export type QueryPathsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  from: Scalars['String']['input'];
  to: Scalars['String']['input'];
};


export type QueryPeopleArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  q?: InputMaybe<Scalars['String']['input']>;
  role?: InputMaybe<Role>;
};


export type QueryPostsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  state?: InputMaybe<PostState>;
};


export type QuerySearchArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  kinds?: InputMaybe<Array<EntityKind>>;
  q: Scalars['String']['input'];
};


export type QuerySessionsArgs = {
  account?: InputMaybe<Scalars['ID']['input']>;
};


export type QuerySourceArgs = {
  name: Scalars['String']['input'];
};


export type QuerySourceSettingsArgs = {
  name: Scalars['String']['input'];
};


export type QueryStoryArgs = {
  id: Scalars['ID']['input'];
};


export type QueryStoryStepsArgs = {
  id: Scalars['ID']['input'];
};


export type QuerySuspectsArgs = {
  at?: InputMaybe<Scalars['Time']['input']>;
  cluster?: InputMaybe<Scalars['String']['input']>;
  environment?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  region?: InputMaybe<Scalars['String']['input']>;
  services: Array<Scalars['String']['input']>;
};


export type QueryTokensArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  all?: InputMaybe<Scalars['Boolean']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryToolArgs = {
  type: Scalars['String']['input'];
};


export type QueryTrySourceArgs = {
  trial: TrialInput;
};


export type QueryUnclaimedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryViewsArgs = {
  page: ViewPage;
};

export type Relation = {
  entity: Entity;
  /** declared, observed or both */
  evidence: Scalars['String']['output'];
  lastSeen?: Maybe<Scalars['Time']['output']>;
  since: Scalars['Time']['output'];
  type: Scalars['String']['output'];
};

export type Replay = {
  events: Scalars['Int']['output'];
  outcome: Outcome;
  reason: Scalars['String']['output'];
};

/** What one may do; each role may do what those before it may. */
export type Role =
  | 'administrator'
  | 'member'
  | 'operator'
  | 'viewer';

export type RuledOut = {
  event: Event;
  reason: Scalars['String']['output'];
  sentence: Scalars['String']['output'];
};

export type Running = {
  /** Instances that are asked for; null where nobody asks for a number. */
  asked?: Maybe<Scalars['Int']['output']>;
  cluster: Scalars['String']['output'];
  commit: Scalars['String']['output'];
  environment: Scalars['String']['output'];
  /** The deploy in the log; null for what is seen. */
  event?: Maybe<Scalars['ID']['output']>;
  exposure?: Maybe<Scalars['Float']['output']>;
  /** Where it is, such as a namespace. */
  group: Scalars['String']['output'];
  hosts: Array<Scalars['String']['output']>;
  images: Array<RunningImage>;
  /** The platform's word, such as Deployment. */
  kind: Scalars['String']['output'];
  /** The bounds of an autoscaler; 0 without one. */
  least: Scalars['Int']['output'];
  message: Scalars['String']['output'];
  most: Scalars['Int']['output'];
  name: Scalars['String']['output'];
  /** Of the newest version: progressing, complete, stalled, failed, paused or aborted. */
  phase: Scalars['String']['output'];
  ready: Scalars['Int']['output'];
  region: Scalars['String']['output'];
  schedule: Scalars['String']['output'];
  /** Whether an agent sees it. All that follows is empty for what the log alone tells of. */
  seen: Scalars['Boolean']['output'];
  /** When it came to run, as far as is known. */
  since: Scalars['Time']['output'];
  source: Scalars['String']['output'];
  stopped: Scalars['Boolean']['output'];
  troubles: Array<Scalars['String']['output']>;
  updated: Scalars['Int']['output'];
  version: Scalars['String']['output'];
};

export type RunningImage = {
  container: Scalars['String']['output'];
  image: Scalars['String']['output'];
  version: Scalars['String']['output'];
};

/** What a token is for. */
export type Scope =
  | 'agent'
  | 'deliver'
  | 'describe'
  | 'people'
  | 'read';

export type SecretInput = {
  field: Scalars['String']['input'];
  value: Scalars['String']['input'];
};

export type SecretKeeping = {
  possible: Scalars['Boolean']['output'];
  /** What to do; empty where it is possible. */
  problem: Scalars['String']['output'];
};

export type Session = {
  address: Scalars['String']['output'];
  createdAt: Scalars['Time']['output'];
  /** True of the session that asks. */
  current: Scalars['Boolean']['output'];
  expiresAt: Scalars['Time']['output'];
  id: Scalars['ID']['output'];
  seenAt: Scalars['Time']['output'];
  userAgent: Scalars['String']['output'];
};

export type SettingChoice = {
  title: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

/** A setting, as a form asks for it. A dot in its name leads into an object. */
export type SettingField = {
  choices: Array<SettingChoice>;
  example: Scalars['String']['output'];
  /** Of a map: what a name of the tool is given, such as `service`. */
  gives: Scalars['String']['output'];
  givesExample: Scalars['String']['output'];
  help: Scalars['String']['output'];
  name: Scalars['String']['output'];
  required: Scalars['Boolean']['output'];
  title: Scalars['String']['output'];
  /** text, address, secret, choice, switch, number, duration, list, map or expression */
  type: Scalars['String']['output'];
};

export type SinglePoint = {
  /** How many entities of the roll depend on it, directly or through others. */
  dependants: Scalars['Int']['output'];
  entity: Entity;
};

/** State is working, waiting or failing; detail is what to do about a failure, else what it looks at. */
export type Source = {
  /** How far its look into the past has come; null for one that has none, or before it began. */
  backfill?: Maybe<Backfill>;
  /** How much of what it should tell arrives. */
  coverage: SourceCoverage;
  /** Tools call it, at `/hooks/` and its name. */
  delivers: Scalars['Boolean']['output'];
  detail: Scalars['String']['output'];
  events: Scalars['Int']['output'];
  /** How the tool is set up, with the address of this source filled in, below the address of this installation. SECRET stands for its secret. */
  guide?: Maybe<Guide>;
  lastEventAt?: Maybe<Scalars['Time']['output']>;
  /** What it sent in the last 24 hours; null for one that nobody calls. */
  lately?: Maybe<Lately>;
  /** When it last looked, or was called. */
  lookedAt?: Maybe<Scalars['Time']['output']>;
  name: Scalars['String']['output'];
  /** How the agent is doing that looks at it; null for a source that the server looks at, or that tells by itself. */
  observed?: Maybe<Observed>;
  /** `page` for what can be changed here, `file` for what stands in the configuration file, `agent` for what an agent brought. */
  place: Scalars['String']['output'];
  /** When the oldest of its secrets was set; null for one without any, and for one that was not made on the page. */
  secretAt?: Maybe<Scalars['Time']['output']>;
  state: Scalars['String']['output'];
  /** The tool; null for an agent of a type that is not known. */
  tool?: Maybe<Tool>;
  type: Scalars['String']['output'];
};


/** State is working, waiting or failing; detail is what to do about a failure, else what it looks at. */
export type SourceGuideArgs = {
  base: Scalars['String']['input'];
};

/** What arrived of a source in the 30 days before now, and what should have. */
export type SourceCoverage = {
  /** The services and other entities that its names were resolved to. */
  entities: Scalars['Int']['output'];
  /** How many events of it were counted. */
  events: Scalars['Int']['output'];
  /** The kinds that its tool can tell of, by the examples of it and the settings of this source, and those that came. */
  kinds: Array<SourceKind>;
  /** There were more than could be counted; the newest were. */
  partial: Scalars['Boolean']['output'];
  /**
   * Of the deploys of those entities that an agent saw: how many this source told of, how many another one did, and how many nobody did.
   * All are zero where nobody looks.
   */
  seenAndTold: Scalars['Int']['output'];
  seenAndToldByOthers: Scalars['Int']['output'];
  seenOnly: Scalars['Int']['output'];
  since: Scalars['Time']['output'];
  /** How many it told in the last 24 hours, and how many it usually tells in these hours of the week; null where it has no rhythm yet. */
  told: Scalars['Int']['output'];
  /** The names that no entity answers to, most events first, at most 20, and how many there are. */
  unclaimed: Array<UnclaimedName>;
  unclaimedCount: Scalars['Int']['output'];
  usual?: Maybe<Scalars['Float']['output']>;
};

export type SourceKind = {
  events: Scalars['Int']['output'];
  /** By its tool's examples. */
  expected: Scalars['Boolean']['output'];
  kind: Scalars['String']['output'];
  lastAt?: Maybe<Scalars['Time']['output']>;
};

export type SourceSecret = {
  changedAt?: Maybe<Scalars['Time']['output']>;
  /** Empty where none is set. */
  fingerprint: Scalars['String']['output'];
  name: Scalars['String']['output'];
};

export type SourceSettings = {
  changedAt: Scalars['Time']['output'];
  changedBy: Scalars['String']['output'];
  disabled: Scalars['Boolean']['output'];
  every: Scalars['String']['output'];
  revision: Scalars['Int']['output'];
  secrets: Array<SourceSecret>;
  settings: Scalars['JSON']['output'];
  type: Scalars['String']['output'];
};

/** A step of a story: that it was merged, built, deployed. */
export type StoryStep = {
  at: Scalars['Time']['output'];
  event: Event;
  /** From the end of the first step. */
  leadSeconds: Scalars['Int']['output'];
  /** From the end of the step before it that ended well; null for the first. */
  sinceSeconds?: Maybe<Scalars['Int']['output']>;
  /** merged, built, released, deployed (told of), live (seen to run), rolled back or changed */
  step: Scalars['String']['output'];
  /** It ended well. */
  succeeded: Scalars['Boolean']['output'];
  /** From its begin to its end; null for what has no length. */
  tookSeconds?: Maybe<Scalars['Int']['output']>;
};

export type Subject = {
  claimed: Scalars['Boolean']['output'];
  kind?: Maybe<EntityKind>;
  name: Scalars['String']['output'];
  /** `service:pricing`, or the outside name */
  ref: Scalars['String']['output'];
};

export type Subscription = {
  /** Events that pass the filter, as they are committed or revised. `after` resumes after the revision of the last one seen. */
  events: LiveEvent;
  /** What is added to timelines from now on, or after a cursor: of one incident, or of all. */
  incidentChanges: IncidentChange;
};


export type SubscriptionEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<FeedFilter>;
};


export type SubscriptionIncidentChangesArgs = {
  after?: InputMaybe<Scalars['Int']['input']>;
  number?: InputMaybe<Scalars['Int']['input']>;
};

export type Suggestion = {
  entity: Entity;
  reason: Scalars['String']['output'];
  score: Scalars['Float']['output'];
};

export type Suspect = {
  /** How long before the onset it took effect; below zero, after it. */
  beforeSeconds: Scalars['Int']['output'];
  /** self, down, up or shared; empty where no path is known. */
  direction: Scalars['String']['output'];
  event: Event;
  /** Those of its story, the earliest first. */
  events: Array<Event>;
  /** What speaks for it (above zero) and against it, the weightiest first. */
  evidence: Array<Evidence>;
  owner: SuspectOwner;
  /** From a service in trouble to what was changed. */
  path: Array<Scalars['String']['output']>;
  /** That it is the cause; with `none` these add up to 1. */
  probability: Scalars['Float']['output'];
  rank: Scalars['Int']['output'];
  /** The sum of its evidence, in log-odds. */
  score: Scalars['Float']['output'];
  /** strong, possible or weak */
  strength: Scalars['String']['output'];
  undo: Undo;
  /** caused, fixed, suspect or dismissed; empty where nobody said. */
  verdict: Scalars['String']['output'];
};

export type SuspectOwner = {
  /** The team as the roll has it; null where nobody owns what was changed. */
  entity?: Maybe<Entity>;
  onCall: Array<Scalars['String']['output']>;
  /** Those of onCall, with the person where the roll has one. */
  people: Array<OnCall>;
  team: Scalars['String']['output'];
};

export type Suspects = {
  considered: Scalars['Int']['output'];
  environment: Scalars['String']['output'];
  /** What was left out because there was too much of it, as a sentence; empty where nothing was. */
  left: Scalars['String']['output'];
  /** The probability that none of them is the cause. */
  none: Scalars['Float']['output'];
  /** When it began, and what that was estimated from: page, alert, signal or person. */
  onset: Scalars['Time']['output'];
  onsetBy: Scalars['String']['output'];
  /** At most 100, the latest first. */
  ruledOut: Array<RuledOut>;
  ruledOutCount: Scalars['Int']['output'];
  /** What is in trouble, by name. */
  services: Array<Scalars['String']['output']>;
  /** How far back was looked. */
  since: Scalars['Time']['output'];
  /** What stands out, or that nothing does. */
  summary: Scalars['String']['output'];
  suspects: Array<Suspect>;
};

export type Tag = {
  key: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type Token = {
  createdAt: Scalars['Time']['output'];
  createdBy: Scalars['String']['output'];
  /** Null means never. */
  expiresAt?: Maybe<Scalars['Time']['output']>;
  /** The beginning and the end of the secret, to recognise it by. */
  hint: Scalars['String']['output'];
  id: Scalars['ID']['output'];
  kind: TokenKind;
  lastAddress: Scalars['String']['output'];
  lastUsedAt?: Maybe<Scalars['Time']['output']>;
  name: Scalars['String']['output'];
  revokedAt?: Maybe<Scalars['Time']['output']>;
  role: Role;
  /** None means all that the role allows. */
  scopes: Array<Scope>;
  /** The one source whose events it may deliver; empty means any. */
  source: Scalars['String']['output'];
};

export type TokenInput = {
  /** How long it lasts; without it, for ever. */
  days?: InputMaybe<Scalars['Int']['input']>;
  kind: TokenKind;
  /** What it is for: at most 128 bytes. */
  name: Scalars['String']['input'];
  /** At most the viewer's own; without one, the least that the scopes need. */
  role?: InputMaybe<Role>;
  scopes?: InputMaybe<Array<Scope>>;
  source?: InputMaybe<Scalars['String']['input']>;
};

export type TokenKind =
  | 'personal'
  | 'service';

export type TokenPage = {
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Token>;
};

export type Tool = {
  /** An agent brings what it sees: there is nothing to set here. */
  byAgent: Scalars['Boolean']['output'];
  /** code, infrastructure, flags, alerts, incidents or other */
  class: Scalars['String']['output'];
  /** It calls Tidings. */
  delivers: Scalars['Boolean']['output'];
  examples: Array<DeliveryExample>;
  fields: Array<SettingField>;
  guide: Guide;
  /** The tool makes the secret, and shows it; otherwise one is made here. */
  issuesSecret: Scalars['Boolean']['output'];
  /** It can be looked at: asked, or fetched from. */
  looks: Scalars['Boolean']['output'];
  summary: Scalars['String']['output'];
  title: Scalars['String']['output'];
  type: Scalars['String']['output'];
};


export type ToolGuideArgs = {
  base: Scalars['String']['input'];
  name: Scalars['String']['input'];
};

export type TrackRecord = {
  /** Those of which somebody said what caused them. */
  incidents: Scalars['Int']['output'];
  /** In how many the cause was not in the ranking. */
  missed: Scalars['Int']['output'];
  ranker: Hits;
  recency: Hits;
  since?: Maybe<Scalars['Time']['output']>;
  verdicts: Scalars['Int']['output'];
};

export type Trial = {
  /** As they would come into the log. */
  events: Array<TrialEvent>;
  /** Why it cannot be read. */
  fault: Scalars['String']['output'];
  /** Why there is nothing in it for the log. */
  ignored: Scalars['String']['output'];
};

export type TrialEvent = {
  actor: Scalars['String']['output'];
  actorType: Scalars['String']['output'];
  commit: Scalars['String']['output'];
  detail: Scalars['String']['output'];
  endedAt?: Maybe<Scalars['Time']['output']>;
  environment: Scalars['String']['output'];
  key: Scalars['String']['output'];
  kind: Scalars['String']['output'];
  labels: Array<Tag>;
  links: Array<Link>;
  phase: Scalars['String']['output'];
  previous: Scalars['String']['output'];
  startedAt: Scalars['Time']['output'];
  subjects: Array<TrialSubject>;
  title: Scalars['String']['output'];
  version: Scalars['String']['output'];
};

export type TrialInput = {
  body: Scalars['String']['input'];
  headers?: InputMaybe<Array<HeaderInput>>;
  query?: InputMaybe<Scalars['String']['input']>;
  settings?: InputMaybe<Scalars['JSON']['input']>;
  /** A source that there is, the settings of which count; or those that follow. */
  source?: InputMaybe<Scalars['String']['input']>;
  type?: InputMaybe<Scalars['String']['input']>;
};

/** `entity` is null for what nobody has claimed yet; a service that is not known is made by its first event. */
export type TrialSubject = {
  entity?: Maybe<Entity>;
  name: Scalars['String']['output'];
  new: Scalars['Boolean']['output'];
};

export type Unclaimed = {
  alias: Scalars['String']['output'];
  events: Scalars['Int']['output'];
  example?: Maybe<Event>;
  firstAt: Scalars['Time']['output'];
  lastAt: Scalars['Time']['output'];
  suggestions: Array<Suggestion>;
};

export type UnclaimedName = {
  events: Scalars['Int']['output'];
  name: Scalars['String']['output'];
};

export type UnclaimedPage = {
  next?: Maybe<Scalars['String']['output']>;
  nodes: Array<Unclaimed>;
  total: Scalars['Int']['output'];
};

export type Undo = {
  /** What was stacked on it since, and would be lost or broken. */
  lost: Array<Loss>;
  /** A command that takes the change back; empty where too little is known for one. */
  text: Scalars['String']['output'];
  tool: Scalars['String']['output'];
  /** Where the tool that made it can take it back. */
  url: Scalars['String']['output'];
};

export type Verdict = {
  at: Scalars['Time']['output'];
  /** The principal. */
  by: Scalars['String']['output'];
  event: Scalars['ID']['output'];
  finding: Scalars['String']['output'];
  incident: Scalars['Int']['output'];
  kind: Scalars['String']['output'];
  /** Where the ranking had the change by then, from 1; 0 where it had not. Likewise the plain order of the latest first. */
  rank: Scalars['Int']['output'];
  reason: Scalars['String']['output'];
  recency: Scalars['Int']['output'];
  title: Scalars['String']['output'];
};

export type View = {
  id: Scalars['String']['output'];
  name: Scalars['String']['output'];
  /** Who saved it, such as `person:priya`. */
  owner: Scalars['String']['output'];
  page: ViewPage;
  /** The query string of the page, without the question mark. */
  query: Scalars['String']['output'];
  /** Whether the viewer may take it away. */
  removable: Scalars['Boolean']['output'];
  savedAt: Scalars['Time']['output'];
  /** Whether everybody sees it. */
  shared: Scalars['Boolean']['output'];
};

export type ViewInput = {
  /** At most 60 characters. */
  name: Scalars['String']['input'];
  page: ViewPage;
  /** At most 2000 bytes. */
  query: Scalars['String']['input'];
  shared?: InputMaybe<Scalars['Boolean']['input']>;
};

/** The lists that have views. */
export type ViewPage =
  | 'feed'
  | 'services';

export type Viewer = {
  counts: Array<KindCount>;
  environments: Array<Scalars['String']['output']>;
  kind: Scalars['String']['output'];
  /** The operations that the viewer may perform, such as `alias.claim`: docs/access.md lists them. */
  may: Array<Scalars['String']['output']>;
  name: Scalars['String']['output'];
  /** True when login is off and everyone is the administrator. */
  noLogin: Scalars['Boolean']['output'];
  organisation: Scalars['String']['output'];
  version: Scalars['String']['output'];
};

export const mockAccount = (over: Partial<Account> = {}): Account => ({
  createdAt: '2026-06-11T00:55:00.000000Z',
  disabledAt: null,
  email: '',
  givenRole: null,
  groups: [],
  id: 'id',
  issuer: '',
  name: '',
  role: null,
  seenAt: null,
  teams: [],
  title: '',
  ...over,
})

export const mockActor = (over: Partial<Actor> = {}): Actor => ({
  name: '',
  person: null,
  type: '',
  via: '',
  ...over,
})

export const mockBackfill = (over: Partial<Backfill> = {}): Backfill => ({
  at: null,
  done: false,
  events: 0,
  until: null,
  ...over,
})

export const mockClaimAliasResult = (over: Partial<ClaimAliasResult> = {}): ClaimAliasResult => ({
  entity: mockEntity(),
  events: 0,
  left: 0,
  ...over,
})

export const mockCondition = (over: Partial<Condition> = {}): Condition => ({
  event: null,
  health: 'alert',
  since: null,
  title: '',
  ...over,
})

export const mockContact = (over: Partial<Contact> = {}): Contact => ({
  title: null,
  type: '',
  value: '',
  ...over,
})

export const mockConversation = (over: Partial<Conversation> = {}): Conversation => ({
  channel: '',
  source: '',
  thread: '',
  url: '',
  ...over,
})

export const mockCoverage = (over: Partial<Coverage> = {}): Coverage => ({
  partial: false,
  seen: 0,
  since: '2026-06-11T00:55:00.000000Z',
  told: 0,
  ...over,
})

export const mockCreatedToken = (over: Partial<CreatedToken> = {}): CreatedToken => ({
  secret: '',
  token: mockToken(),
  ...over,
})

export const mockDeliveredHour = (over: Partial<DeliveredHour> = {}): DeliveredHour => ({
  at: '2026-06-11T00:55:00.000000Z',
  deliveries: 0,
  outcome: 'failed',
  ...over,
})

export const mockDelivery = (over: Partial<Delivery> = {}): Delivery => ({
  body: null,
  bytes: 0,
  eventCount: 0,
  events: null,
  headers: null,
  id: 'id',
  key: '',
  lastAt: '2026-06-11T00:55:00.000000Z',
  outcome: 'failed',
  query: null,
  reason: '',
  receivedAt: '2026-06-11T00:55:00.000000Z',
  source: '',
  times: 0,
  ...over,
})

export const mockDeliveryExample = (over: Partial<DeliveryExample> = {}): DeliveryExample => ({
  body: '',
  headers: [],
  name: '',
  query: '',
  title: '',
  ...over,
})

export const mockDeliveryPage = (over: Partial<DeliveryPage> = {}): DeliveryPage => ({
  next: null,
  nodes: [],
  ...over,
})

export const mockDiffEntry = (over: Partial<DiffEntry> = {}): DiffEntry => ({
  field: '',
  new: '',
  old: '',
  ...over,
})

export const mockDocumentFault = (over: Partial<DocumentFault> = {}): DocumentFault => ({
  detail: '',
  field: '',
  line: 0,
  ...over,
})

export const mockDocumentResult = (over: Partial<DocumentResult> = {}): DocumentResult => ({
  changed: 0,
  entities: [],
  faults: [],
  format: '',
  name: '',
  unchanged: 0,
  warnings: [],
  ...over,
})

export const mockEntity = (over: Partial<Entity> = {}): Entity => ({
  aliases: [],
  condition: null,
  consumes: [],
  contacts: [],
  coverage: mockCoverage(),
  dependedOnBy: [],
  dependsOn: [],
  deployedBy: null,
  described: false,
  description: '',
  descriptor: '',
  email: null,
  facts: [],
  kind: 'api',
  language: null,
  languageVersion: null,
  lastEvent: null,
  lifecycle: null,
  links: [],
  name: '',
  nextOnCall: [],
  onCall: [],
  openIncidents: [],
  owner: null,
  owns: [],
  partOf: [],
  parts: [],
  platform: null,
  providedBy: [],
  provides: [],
  ref: '',
  retired: false,
  rpo: null,
  rto: null,
  running: [],
  tags: [],
  tier: null,
  timeZone: null,
  title: null,
  type: null,
  updatedAt: '2026-06-11T00:55:00.000000Z',
  userFacing: null,
  workloads: [],
  ...over,
})

export const mockEntityPage = (over: Partial<EntityPage> = {}): EntityPage => ({
  facets: [],
  next: null,
  nodes: [],
  total: 0,
  ...over,
})

export const mockEvent = (over: Partial<Event> = {}): Event => ({
  actor: mockActor(),
  class: '',
  cluster: '',
  commit: '',
  dark: false,
  detail: '',
  diff: [],
  endedAt: null,
  environment: '',
  exposure: null,
  history: [],
  id: 'id',
  key: '',
  kind: '',
  labels: [],
  links: [],
  phase: '',
  previous: '',
  ramp: [],
  receivedAt: '2026-06-11T00:55:00.000000Z',
  recordedBy: '',
  redacted: [],
  region: '',
  source: '',
  startedAt: '2026-06-11T00:55:00.000000Z',
  story: null,
  subjects: [],
  title: '',
  version: '',
  ...over,
})

export const mockEvidence = (over: Partial<Evidence> = {}): Evidence => ({
  name: '',
  sentence: '',
  weight: 0,
  ...over,
})

export const mockExposed = (over: Partial<Exposed> = {}): Exposed => ({
  at: '2026-06-11T00:55:00.000000Z',
  exposure: 0,
  ...over,
})

export const mockFacet = (over: Partial<Facet> = {}): Facet => ({
  name: '',
  values: [],
  ...over,
})

export const mockFacetValue = (over: Partial<FacetValue> = {}): FacetValue => ({
  count: 0,
  label: '',
  value: '',
  ...over,
})

export const mockFact = (over: Partial<Fact> = {}): Fact => ({
  confirmedAt: '2026-06-11T00:55:00.000000Z',
  disagreeing: [],
  field: '',
  since: '2026-06-11T00:55:00.000000Z',
  source: '',
  value: null,
  ...over,
})

export const mockFeedFacets = (over: Partial<FeedFacets> = {}): FeedFacets => ({
  actorTypes: [],
  environments: [],
  kinds: [],
  sources: [],
  teams: [],
  ...over,
})

export const mockFeedPage = (over: Partial<FeedPage> = {}): FeedPage => ({
  next: null,
  rows: [],
  searchedUntil: null,
  ...over,
})

export const mockFeedRow = (over: Partial<FeedRow> = {}): FeedRow => ({
  count: 0,
  dark: false,
  distance: null,
  event: mockEvent(),
  events: [],
  id: 'id',
  shape: '',
  subjectCount: 0,
  subjects: [],
  ...over,
})

export const mockFollow = (over: Partial<Follow> = {}): Follow => ({
  by: '',
  channel: '',
  createdAt: '2026-06-11T00:55:00.000000Z',
  digest: '',
  environments: [],
  incidents: false,
  kinds: [],
  noise: [],
  number: 0,
  quietFrom: '',
  quietTo: '',
  services: [],
  source: '',
  tags: [],
  teams: [],
  zone: '',
  ...over,
})

export const mockGuide = (over: Partial<Guide> = {}): Guide => ({
  configuration: '',
  gives: '',
  intro: '',
  limits: '',
  rights: '',
  ways: [],
  ...over,
})

export const mockGuideWay = (over: Partial<GuideWay> = {}): GuideWay => ({
  notes: '',
  steps: [],
  title: '',
  ...over,
})

export const mockHistogram = (over: Partial<Histogram> = {}): Histogram => ({
  automation: [],
  bucketSeconds: 0,
  events: 0,
  partial: false,
  people: [],
  since: '2026-06-11T00:55:00.000000Z',
  ...over,
})

export const mockHits = (over: Partial<Hits> = {}): Hits => ({
  first: 0,
  five: 0,
  three: 0,
  ...over,
})

export const mockImpact = (over: Partial<Impact> = {}): Impact => ({
  callers: 0,
  first: [],
  tier: null,
  userFacing: null,
  ...over,
})

export const mockIncident = (over: Partial<Incident> = {}): Incident => ({
  acknowledgedAt: null,
  activeAt: null,
  cluster: '',
  conversations: [],
  entries: 0,
  environment: '',
  firing: 0,
  impact: mockImpact(),
  links: [],
  mergedInto: null,
  name: '',
  number: 0,
  onset: '2026-06-11T00:55:00.000000Z',
  onsetBy: '',
  openedAt: '2026-06-11T00:55:00.000000Z',
  pagers: [],
  region: '',
  resolvedAt: null,
  roles: [],
  severity: null,
  signalCount: 0,
  signals: [],
  status: '',
  subjects: [],
  suspects: mockSuspects(),
  timeline: [],
  title: '',
  verdicts: [],
  ...over,
})

export const mockIncidentChange = (over: Partial<IncidentChange> = {}): IncidentChange => ({
  cursor: 0,
  entry: mockIncidentEntry(),
  incident: 0,
  kind: '',
  sequence: 0,
  ...over,
})

export const mockIncidentEntry = (over: Partial<IncidentEntry> = {}): IncidentEntry => ({
  at: '2026-06-11T00:55:00.000000Z',
  by: mockActor(),
  event: null,
  fields: [],
  id: 'id',
  kind: '',
  recordedAt: '2026-06-11T00:55:00.000000Z',
  sequence: 0,
  subjects: [],
  text: '',
  ...over,
})

export const mockIncidentPage = (over: Partial<IncidentPage> = {}): IncidentPage => ({
  next: null,
  nodes: [],
  ...over,
})

export const mockIncidentRole = (over: Partial<IncidentRole> = {}): IncidentRole => ({
  holder: null,
  person: '',
  role: '',
  ...over,
})

export const mockInstallation = (over: Partial<Installation> = {}): Installation => ({
  database: '',
  runtime: '',
  startedAt: '2026-06-11T00:55:00.000000Z',
  ...over,
})

export const mockJob = (over: Partial<Job> = {}): Job => ({
  about: '',
  attempts: 0,
  by: '',
  cancellable: false,
  changedAt: '2026-06-11T00:55:00.000000Z',
  createdAt: '2026-06-11T00:55:00.000000Z',
  done: 0,
  dueAt: '2026-06-11T00:55:00.000000Z',
  fault: '',
  id: 'id',
  kind: '',
  retriable: false,
  state: 'cancelled',
  total: null,
  ...over,
})

export const mockKind = (over: Partial<Kind> = {}): Kind => ({
  class: '',
  icon: '',
  name: '',
  title: '',
  verb: '',
  ...over,
})

export const mockKindCount = (over: Partial<KindCount> = {}): KindCount => ({
  count: 0,
  kind: 'api',
  ...over,
})

export const mockLately = (over: Partial<Lately> = {}): Lately => ({
  hours: [],
  lastAt: null,
  partial: false,
  ...over,
})

export const mockLink = (over: Partial<Link> = {}): Link => ({
  title: '',
  type: '',
  url: '',
  ...over,
})

export const mockLiveEvent = (over: Partial<LiveEvent> = {}): LiveEvent => ({
  cursor: '',
  event: mockEvent(),
  ...over,
})

export const mockLoss = (over: Partial<Loss> = {}): Loss => ({
  event: 'id',
  sentence: '',
  ...over,
})

export const mockMadeSource = (over: Partial<MadeSource> = {}): MadeSource => ({
  secret: null,
  source: mockSource(),
  ...over,
})

export const mockMap = (over: Partial<Map> = {}): Map => ({
  circles: [],
  edges: [],
  left: 0,
  nodes: [],
  singlePoints: [],
  total: 0,
  ...over,
})

export const mockMapEdge = (over: Partial<MapEdge> = {}): MapEdge => ({
  count: 0,
  evidence: '',
  from: 'id',
  lastSeen: null,
  since: '2026-06-11T00:55:00.000000Z',
  to: 'id',
  via: [],
  ...over,
})

export const mockMapNode = (over: Partial<MapNode> = {}): MapNode => ({
  change: null,
  changes: 0,
  circle: null,
  dependants: 0,
  distance: 0,
  entity: null,
  id: 'id',
  members: 0,
  owner: null,
  single: false,
  trouble: null,
  troubles: 0,
  ...over,
})

export const mockMigration = (over: Partial<Migration> = {}): Migration => ({
  all: 0,
  done: 0,
  steps: [],
  teams: [],
  ...over,
})

export const mockMigrationStep = (over: Partial<MigrationStep> = {}): MigrationStep => ({
  all: 0,
  at: '2026-06-11T00:55:00.000000Z',
  done: 0,
  ...over,
})

export const mockMigrationTeam = (over: Partial<MigrationTeam> = {}): MigrationTeam => ({
  all: 0,
  done: 0,
  left: [],
  owner: null,
  ...over,
})

export const mockNoise = (over: Partial<Noise> = {}): Noise => ({
  at: '2026-06-11T00:55:00.000000Z',
  by: '',
  number: 0,
  text: '',
  ...over,
})

export const mockObserved = (over: Partial<Observed> = {}): Observed => ({
  agent: '',
  cluster: '',
  heardAt: '2026-06-11T00:55:00.000000Z',
  lagSeconds: 0,
  looksAt: '',
  lost: 0,
  objects: 0,
  since: '2026-06-11T00:55:00.000000Z',
  syncedAt: null,
  version: '',
  waiting: 0,
  ...over,
})

export const mockOnCall = (over: Partial<OnCall> = {}): OnCall => ({
  from: null,
  name: '',
  person: null,
  role: '',
  until: null,
  ...over,
})

export const mockOtherFact = (over: Partial<OtherFact> = {}): OtherFact => ({
  since: '2026-06-11T00:55:00.000000Z',
  source: '',
  value: null,
  ...over,
})

export const mockPath = (over: Partial<Path> = {}): Path => ({
  stops: [],
  ...over,
})

export const mockPeoplePage = (over: Partial<PeoplePage> = {}): PeoplePage => ({
  next: null,
  nodes: [],
  total: 0,
  ...over,
})

export const mockPhaseChange = (over: Partial<PhaseChange> = {}): PhaseChange => ({
  at: '2026-06-11T00:55:00.000000Z',
  phase: '',
  receivedAt: '2026-06-11T00:55:00.000000Z',
  ...over,
})

export const mockPost = (over: Partial<Post> = {}): Post => ({
  attempts: 0,
  channel: '',
  createdAt: '2026-06-11T00:55:00.000000Z',
  dueAt: null,
  fault: null,
  id: 'id',
  sends: 0,
  sentAt: null,
  source: '',
  state: 'dead',
  thread: null,
  topic: '',
  ...over,
})

export const mockPostPage = (over: Partial<PostPage> = {}): PostPage => ({
  next: null,
  nodes: [],
  ...over,
})

export const mockRelation = (over: Partial<Relation> = {}): Relation => ({
  entity: mockEntity(),
  evidence: '',
  lastSeen: null,
  since: '2026-06-11T00:55:00.000000Z',
  type: '',
  ...over,
})

export const mockReplay = (over: Partial<Replay> = {}): Replay => ({
  events: 0,
  outcome: 'failed',
  reason: '',
  ...over,
})

export const mockRuledOut = (over: Partial<RuledOut> = {}): RuledOut => ({
  event: mockEvent(),
  reason: '',
  sentence: '',
  ...over,
})

export const mockRunning = (over: Partial<Running> = {}): Running => ({
  asked: null,
  cluster: '',
  commit: '',
  environment: '',
  event: null,
  exposure: null,
  group: '',
  hosts: [],
  images: [],
  kind: '',
  least: 0,
  message: '',
  most: 0,
  name: '',
  phase: '',
  ready: 0,
  region: '',
  schedule: '',
  seen: false,
  since: '2026-06-11T00:55:00.000000Z',
  source: '',
  stopped: false,
  troubles: [],
  updated: 0,
  version: '',
  ...over,
})

export const mockRunningImage = (over: Partial<RunningImage> = {}): RunningImage => ({
  container: '',
  image: '',
  version: '',
  ...over,
})

export const mockSecretKeeping = (over: Partial<SecretKeeping> = {}): SecretKeeping => ({
  possible: false,
  problem: '',
  ...over,
})

export const mockSession = (over: Partial<Session> = {}): Session => ({
  address: '',
  createdAt: '2026-06-11T00:55:00.000000Z',
  current: false,
  expiresAt: '2026-06-11T00:55:00.000000Z',
  id: 'id',
  seenAt: '2026-06-11T00:55:00.000000Z',
  userAgent: '',
  ...over,
})

export const mockSettingChoice = (over: Partial<SettingChoice> = {}): SettingChoice => ({
  title: '',
  value: '',
  ...over,
})

export const mockSettingField = (over: Partial<SettingField> = {}): SettingField => ({
  choices: [],
  example: '',
  gives: '',
  givesExample: '',
  help: '',
  name: '',
  required: false,
  title: '',
  type: '',
  ...over,
})

export const mockSinglePoint = (over: Partial<SinglePoint> = {}): SinglePoint => ({
  dependants: 0,
  entity: mockEntity(),
  ...over,
})

export const mockSource = (over: Partial<Source> = {}): Source => ({
  backfill: null,
  coverage: mockSourceCoverage(),
  delivers: false,
  detail: '',
  events: 0,
  guide: null,
  lastEventAt: null,
  lately: null,
  lookedAt: null,
  name: '',
  observed: null,
  place: '',
  secretAt: null,
  state: '',
  tool: null,
  type: '',
  ...over,
})

export const mockSourceCoverage = (over: Partial<SourceCoverage> = {}): SourceCoverage => ({
  entities: 0,
  events: 0,
  kinds: [],
  partial: false,
  seenAndTold: 0,
  seenAndToldByOthers: 0,
  seenOnly: 0,
  since: '2026-06-11T00:55:00.000000Z',
  told: 0,
  unclaimed: [],
  unclaimedCount: 0,
  usual: null,
  ...over,
})

export const mockSourceKind = (over: Partial<SourceKind> = {}): SourceKind => ({
  events: 0,
  expected: false,
  kind: '',
  lastAt: null,
  ...over,
})

export const mockSourceSecret = (over: Partial<SourceSecret> = {}): SourceSecret => ({
  changedAt: null,
  fingerprint: '',
  name: '',
  ...over,
})

export const mockSourceSettings = (over: Partial<SourceSettings> = {}): SourceSettings => ({
  changedAt: '2026-06-11T00:55:00.000000Z',
  changedBy: '',
  disabled: false,
  every: '',
  revision: 0,
  secrets: [],
  settings: null,
  type: '',
  ...over,
})

export const mockStoryStep = (over: Partial<StoryStep> = {}): StoryStep => ({
  at: '2026-06-11T00:55:00.000000Z',
  event: mockEvent(),
  leadSeconds: 0,
  sinceSeconds: null,
  step: '',
  succeeded: false,
  tookSeconds: null,
  ...over,
})

export const mockSubject = (over: Partial<Subject> = {}): Subject => ({
  claimed: false,
  kind: null,
  name: '',
  ref: '',
  ...over,
})

export const mockSuggestion = (over: Partial<Suggestion> = {}): Suggestion => ({
  entity: mockEntity(),
  reason: '',
  score: 0,
  ...over,
})

export const mockSuspect = (over: Partial<Suspect> = {}): Suspect => ({
  beforeSeconds: 0,
  direction: '',
  event: mockEvent(),
  events: [],
  evidence: [],
  owner: mockSuspectOwner(),
  path: [],
  probability: 0,
  rank: 0,
  score: 0,
  strength: '',
  undo: mockUndo(),
  verdict: '',
  ...over,
})

export const mockSuspectOwner = (over: Partial<SuspectOwner> = {}): SuspectOwner => ({
  entity: null,
  onCall: [],
  people: [],
  team: '',
  ...over,
})

export const mockSuspects = (over: Partial<Suspects> = {}): Suspects => ({
  considered: 0,
  environment: '',
  left: '',
  none: 0,
  onset: '2026-06-11T00:55:00.000000Z',
  onsetBy: '',
  ruledOut: [],
  ruledOutCount: 0,
  services: [],
  since: '2026-06-11T00:55:00.000000Z',
  summary: '',
  suspects: [],
  ...over,
})

export const mockTag = (over: Partial<Tag> = {}): Tag => ({
  key: '',
  value: '',
  ...over,
})

export const mockToken = (over: Partial<Token> = {}): Token => ({
  createdAt: '2026-06-11T00:55:00.000000Z',
  createdBy: '',
  expiresAt: null,
  hint: '',
  id: 'id',
  kind: 'personal',
  lastAddress: '',
  lastUsedAt: null,
  name: '',
  revokedAt: null,
  role: 'administrator',
  scopes: [],
  source: '',
  ...over,
})

export const mockTokenPage = (over: Partial<TokenPage> = {}): TokenPage => ({
  next: null,
  nodes: [],
  ...over,
})

export const mockTool = (over: Partial<Tool> = {}): Tool => ({
  byAgent: false,
  class: '',
  delivers: false,
  examples: [],
  fields: [],
  guide: mockGuide(),
  issuesSecret: false,
  looks: false,
  summary: '',
  title: '',
  type: '',
  ...over,
})

export const mockTrackRecord = (over: Partial<TrackRecord> = {}): TrackRecord => ({
  incidents: 0,
  missed: 0,
  ranker: mockHits(),
  recency: mockHits(),
  since: null,
  verdicts: 0,
  ...over,
})

export const mockTrial = (over: Partial<Trial> = {}): Trial => ({
  events: [],
  fault: '',
  ignored: '',
  ...over,
})

export const mockTrialEvent = (over: Partial<TrialEvent> = {}): TrialEvent => ({
  actor: '',
  actorType: '',
  commit: '',
  detail: '',
  endedAt: null,
  environment: '',
  key: '',
  kind: '',
  labels: [],
  links: [],
  phase: '',
  previous: '',
  startedAt: '2026-06-11T00:55:00.000000Z',
  subjects: [],
  title: '',
  version: '',
  ...over,
})

export const mockTrialSubject = (over: Partial<TrialSubject> = {}): TrialSubject => ({
  entity: null,
  name: '',
  new: false,
  ...over,
})

export const mockUnclaimed = (over: Partial<Unclaimed> = {}): Unclaimed => ({
  alias: '',
  events: 0,
  example: null,
  firstAt: '2026-06-11T00:55:00.000000Z',
  lastAt: '2026-06-11T00:55:00.000000Z',
  suggestions: [],
  ...over,
})

export const mockUnclaimedName = (over: Partial<UnclaimedName> = {}): UnclaimedName => ({
  events: 0,
  name: '',
  ...over,
})

export const mockUnclaimedPage = (over: Partial<UnclaimedPage> = {}): UnclaimedPage => ({
  next: null,
  nodes: [],
  total: 0,
  ...over,
})

export const mockUndo = (over: Partial<Undo> = {}): Undo => ({
  lost: [],
  text: '',
  tool: '',
  url: '',
  ...over,
})

export const mockVerdict = (over: Partial<Verdict> = {}): Verdict => ({
  at: '2026-06-11T00:55:00.000000Z',
  by: '',
  event: 'id',
  finding: '',
  incident: 0,
  kind: '',
  rank: 0,
  reason: '',
  recency: 0,
  title: '',
  ...over,
})

export const mockView = (over: Partial<View> = {}): View => ({
  id: '',
  name: '',
  owner: '',
  page: 'feed',
  query: '',
  removable: false,
  savedAt: '2026-06-11T00:55:00.000000Z',
  shared: false,
  ...over,
})

export const mockViewer = (over: Partial<Viewer> = {}): Viewer => ({
  counts: [],
  environments: [],
  kind: '',
  may: [],
  name: '',
  noLogin: false,
  organisation: '',
  version: '',
  ...over,
})