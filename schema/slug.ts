import { SLUG_URL_SECONDS, slugProcessTypes } from '../platform/build/slug.ts';
import { builder } from './builder.ts';

const ProcessTypeRef = builder.objectRef<{ type: string; command: string }>('ProcessType').implement({
  description: 'A line of a Procfile.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'Its name: `web` gets requests, `release` is run before traffic moves, others just run.' }),
    command: t.exposeString('command', { description: 'The command line.' }),
  }),
});

export const SlugRef = builder.prismaNode('Slug', {
  id: { field: 'id', description: 'The slug\'s id.' },
  description: 'What a build made: an immutable tarball, named by its content.',
  fields: (t) => ({
    digest: t.exposeString('digest', { description: 'SHA-256 of the tarball, hex; the same files give the same digest.' }),
    size: t.expose('size', { type: 'ByteCount', description: 'Bytes of the tarball.' }),
    stack: t.exposeString('stack', { description: 'The base system it runs on.' }),
    buildpacks: t.exposeStringList('buildpacks', { description: 'The buildpacks that made it, in order.' }),
    processTypes: t.field({ type: [ProcessTypeRef], description: 'What it can run.', resolve: slugProcessTypes }),
    image: t.exposeString('image', { nullable: true, description: 'The container image of the same files, by digest; null where apps run without images.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first built.' }),
    downloadUrl: t.string({
      description: 'Where to get the tarball; good for 15 minutes, for whoever has it.',
      resolve: ({ digest }, _args, { platform }) => new URL(platform.blobs.signGet('slugs', digest, SLUG_URL_SECONDS), platform.settings.url).href,
    }),
  }),
});
