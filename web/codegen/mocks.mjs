// A code generation plugin of our own: one builder for each object type of the schema, so that a test names only what
// it is about. Lists are empty, nullable fields are null, and an object that must be there is built in turn.
import { isEnumType, isListType, isNonNullType, isObjectType, isScalarType } from 'graphql'

const scalarDefaults = {
  String: "''",
  ID: "'id'",
  Int: '0',
  Float: '0',
  Boolean: 'false',
  Time: "'2026-06-11T00:55:00.000000Z'",
  JSON: 'null',
}

function value(type) {
  if (!isNonNullType(type)) return 'null'
  const inner = type.ofType
  if (isListType(inner)) return '[]'
  if (isScalarType(inner)) return scalarDefaults[inner.name] ?? 'null'
  if (isEnumType(inner)) return `'${inner.getValues()[0].name}'`
  return `mock${inner.name}()`
}

export function plugin(schema) {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const builders = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !roots.has(type) && !type.name.startsWith('__'))
    .map((type) => {
      const fields = Object.values(type.getFields()).map((f) => `  ${f.name}: ${value(f.type)},`)
      return `export const mock${type.name} = (over: Partial<${type.name}> = {}): ${type.name} => ({\n${fields.join('\n')}\n  ...over,\n})`
    })
  return builders.join('\n\n')
}
