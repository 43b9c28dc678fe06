/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "subscription Live($filter: FeedFilter, $after: String) {\n  events(filter: $filter, after: $after) {\n    cursor\n    event {\n      id\n      story\n      startedAt\n    }\n  }\n}": typeof types.LiveDocument,
    "query Services($filter: EntityFilter, $after: String) {\n  entities(filter: $filter, sort: name, after: $after, first: 50) {\n    total\n    next\n    nodes {\n      ref\n      kind\n      name\n      title\n      description\n      language\n      tier\n      owner {\n        ref\n        name\n        title\n      }\n    }\n  }\n}": typeof types.ServicesDocument,
    "query Viewer {\n  viewer {\n    name\n    kind\n    noLogin\n    organisation\n    version\n    environments\n    counts {\n      kind\n      count\n    }\n  }\n  unclaimed(first: 1) {\n    total\n  }\n  kinds {\n    name\n    class\n    icon\n    verb\n    title\n  }\n}": typeof types.ViewerDocument,
};
const documents: Documents = {
    "subscription Live($filter: FeedFilter, $after: String) {\n  events(filter: $filter, after: $after) {\n    cursor\n    event {\n      id\n      story\n      startedAt\n    }\n  }\n}": types.LiveDocument,
    "query Services($filter: EntityFilter, $after: String) {\n  entities(filter: $filter, sort: name, after: $after, first: 50) {\n    total\n    next\n    nodes {\n      ref\n      kind\n      name\n      title\n      description\n      language\n      tier\n      owner {\n        ref\n        name\n        title\n      }\n    }\n  }\n}": types.ServicesDocument,
    "query Viewer {\n  viewer {\n    name\n    kind\n    noLogin\n    organisation\n    version\n    environments\n    counts {\n      kind\n      count\n    }\n  }\n  unclaimed(first: 1) {\n    total\n  }\n  kinds {\n    name\n    class\n    icon\n    verb\n    title\n  }\n}": types.ViewerDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription Live($filter: FeedFilter, $after: String) {\n  events(filter: $filter, after: $after) {\n    cursor\n    event {\n      id\n      story\n      startedAt\n    }\n  }\n}"): typeof import('./graphql').LiveDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Services($filter: EntityFilter, $after: String) {\n  entities(filter: $filter, sort: name, after: $after, first: 50) {\n    total\n    next\n    nodes {\n      ref\n      kind\n      name\n      title\n      description\n      language\n      tier\n      owner {\n        ref\n        name\n        title\n      }\n    }\n  }\n}"): typeof import('./graphql').ServicesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Viewer {\n  viewer {\n    name\n    kind\n    noLogin\n    organisation\n    version\n    environments\n    counts {\n      kind\n      count\n    }\n  }\n  unclaimed(first: 1) {\n    total\n  }\n  kinds {\n    name\n    class\n    icon\n    verb\n    title\n  }\n}"): typeof import('./graphql').ViewerDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
