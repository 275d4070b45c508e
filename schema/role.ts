import type { Role } from '../prisma/generated/client/enums.ts';
import { builder } from './builder.ts';

export const RoleRef = builder.enumType('Role', {
  description: 'What somebody may do to an app; each may do what those before it may.',
  values: {
    VIEWER: { description: 'See it and its logs, but no config values.' },
    DEPLOYER: { description: 'Push, roll back, scale, restart, read and change config.' },
    ADMIN: { description: 'Rename it, manage its people and deploy keys.' },
    OWNER: { description: 'Give it away, delete it. An app has one owner.' },
  } satisfies Record<Role, { description: string }>,
});
