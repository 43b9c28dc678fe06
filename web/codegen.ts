import type { CodegenConfig } from '@graphql-codegen/cli'

// Types and documents come from the same schema files that the server is built from.
const scalars = { Time: 'string', JSON: 'unknown' }

const config: CodegenConfig = {
  schema: '../api/graph/*.graphqls',
  documents: 'src/**/*.graphql',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { documentMode: 'string', pureMagicComment: true, enumsAsTypes: true, scalars, useTypeImports: true },
    },
    'src/gql/mocks.ts': {
      plugins: ['typescript', './codegen/mocks.mjs'],
      config: { enumsAsTypes: true, scalars, skipTypename: true },
    },
  },
}

export default config
