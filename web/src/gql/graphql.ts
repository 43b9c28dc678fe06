/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type EntityFilter = {
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

export type FeedFilter = {
  /** person, automation or unknown */
  actorTypes?: Array<string> | null | undefined;
  actors?: Array<string> | null | undefined;
  /** change, signal or note */
  classes?: Array<string> | null | undefined;
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

export type LiveSubscriptionVariables = Exact<{
  filter?: FeedFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type LiveSubscription = { events: { cursor: string, event: { id: string, story: string | null, startedAt: string } } };

export type ServicesQueryVariables = Exact<{
  filter?: EntityFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ServicesQuery = { entities: { total: number, next: string | null, nodes: Array<{ ref: string, kind: EntityKind, name: string, title: string | null, description: string, language: string | null, tier: number | null, owner: { ref: string, name: string, title: string | null } | null }> } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { name: string, kind: string, noLogin: boolean, organisation: string, version: string, environments: Array<string>, counts: Array<{ kind: EntityKind, count: number }> }, unclaimed: { total: number }, kinds: Array<{ name: string, class: string, icon: string, verb: string, title: string }> };

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
export const ServicesDocument = new TypedDocumentString(`
    query Services($filter: EntityFilter, $after: String) {
  entities(filter: $filter, sort: name, after: $after, first: 50) {
    total
    next
    nodes {
      ref
      kind
      name
      title
      description
      language
      tier
      owner {
        ref
        name
        title
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ServicesQuery, ServicesQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    name
    kind
    noLogin
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