import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents of our own clients. `documentMode: 'string'`: a client needs no graphql library. */
const target = (dir: string): CodegenConfig['generates'][string] => ({
  documents: [`${dir}/**/*.ts`, `!${dir}/gql/**`],
  preset: 'client',
  presetConfig: { fragmentMasking: false },
  config: {
    documentMode: 'string', useTypeImports: true, enumsAsTypes: true, emitLegacyCommonJSImports: false, importExtension: '.ts',
    scalars: { DateTime: 'string', Cursor: 'string', ByteCount: 'number' },
  },
});

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  ignoreNoDocuments: true,
  generates: { 'cli/gql/': target('cli'), 'test/gql/': target('test') },
};

export default config;
