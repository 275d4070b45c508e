import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents of our own clients. `documentMode: 'string'`: a client needs no graphql library. */
const target = (dir: string, presetConfig = {}): CodegenConfig['generates'][string] => ({
  documents: [`${dir}/**/*.ts`, `!${dir}/gql/**`],
  preset: 'client',
  presetConfig: { fragmentMasking: false, ...presetConfig },
  config: {
    documentMode: 'string', useTypeImports: true, enumsAsTypes: true, emitLegacyCommonJSImports: false, importExtension: '.ts',
    scalars: { DateTime: 'string', Cursor: 'string', ByteCount: 'number' },
  },
});

/** Each document bears the identifier by which the platform of the same release knows it. */
const persisted = { persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'documentId', hashAlgorithm: 'sha256' } };

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  ignoreNoDocuments: true,
  generates: { 'cli/gql/': target('cli', persisted), 'test/gql/': target('test') },
};

export default config;
