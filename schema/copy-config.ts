import { copyConfig } from '../platform/config/copy-config.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound, VersionConflict } from '../platform/user-error.ts';
import { builder } from './builder.ts';
import { configChangePayload } from './config.ts';
import { requireActor } from './context.ts';

const CopyConfigInput = builder.inputType('CopyConfigInput', {
  description: 'What to copy. All of it makes one release of the app it is copied to.',
  fields: (t) => ({
    from: t.string({ required: true, description: 'The app to copy from: its name or id. It takes the right to read its config.' }),
    to: t.string({ required: true, description: 'The app to copy to: its name or id. It takes the right to change its config.' }),
    keys: t.stringList({ description: 'The keys to copy; all, if not said.' }),
    overwrite: t.boolean({ defaultValue: false, description: 'Whether keys that the other app has get another value; else they are an error that names them.' }),
    restart: t.boolean({ defaultValue: true, description: 'False: replicas get the change when they next start.' }),
    expectedVersion: t.int({ description: 'The `version` of the app it is copied to that you decided on; another one is a VersionConflict.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once, and answers the same release.' }),
  }),
});

builder.mutationField('copyConfig', (t) => t.field({
  type: configChangePayload('CopyConfigPayload'), description: 'Copies config from one app to another. What is sealed in either stays sealed: nobody sees its value on the way.',
  args: { input: t.arg({ type: CopyConfigInput, required: true, description: 'What to copy.' }) },
  errors: { types: [NotFound, Forbidden, InvalidInput, VersionConflict, IdempotencyConflict], union: { name: 'CopyConfigResult', description: 'The new release and config, or why there is none.' } },
  resolve: async (_root, { input }, ctx) => ({ release: await copyConfig(ctx.platform, requireActor(ctx), input) }),
}));
