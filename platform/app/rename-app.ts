import type { App } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../access.ts';
import { changeAppOnce } from '../idempotency.ts';
import type { Platform } from '../platform.ts';
import { InvalidInput } from '../user-error.ts';
import { checkAppName, nameTakenOr, takeName } from './app.ts';
import { openApp } from './change-app-as.ts';

export interface RenameAppInput { app: string; name: string; expectedVersion?: number | null | undefined; idempotencyKey?: string | null | undefined }

/**
 * Gives an app another name, and with it another address. The former one goes on being found, by the API and by git, and is nobody else's until
 * the app is deleted or called so again. Restarts nothing. Throws InvalidInput, NameTaken, NotFound, Forbidden, VersionConflict, IdempotencyConflict.
 */
export async function renameApp(platform: Platform, actor: Actor, { app: nameOrId, name, expectedVersion, idempotencyKey }: RenameAppInput): Promise<App> {
  const opened = await openApp(platform, actor, nameOrId, 'rename');
  const { id } = opened.app;
  checkAppName(name);
  await changeAppOnce(opened, { expectedVersion, idempotencyKey, mutation: 'renameApp', input: { name } }, async ({ tx, app, event }) => {
    if (name === app.name) throw new InvalidInput(`The app is called ${name} already.`, { path: ['input', 'name'] });
    await takeName(tx, name, id);
    await tx.formerName.deleteMany({ where: { name } });
    await tx.formerName.create({ data: { name: app.name, appId: id } });
    await tx.app.update({ where: { id }, data: { name } });
    event('AppRenamed', { name, formerName: app.name });
    return id;
  }).catch(nameTakenOr(name));
  return platform.db.app.findUniqueOrThrow({ where: { id } });
}
