import { visibleOwn } from '../platform/access.ts';
import { LogInFailed, TooManyAttempts, TwoFactorRequired, WrongCode } from '../platform/account/account-error.ts';
import { logIn } from '../platform/account/log-in.ts';
import { endOtherSessions, endSession, logOut, openSessions } from '../platform/account/session.ts';
import { Forbidden, InvalidInput, NotFound } from '../platform/user-error.ts';
import type { Session, User } from '../prisma/generated/client/client.ts';
import { badInput, builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { UserRef } from './user.ts';

export const SessionRef = builder.prismaNode('Session', {
  id: { field: 'id', description: 'The session\'s id.' },
  description: 'A browser that is logged in. It ends 30 days after its last use.',
  fields: (t) => ({
    userAgent: t.exposeString('userAgent', { description: 'What the browser said it is, when it logged in.' }),
    address: t.exposeString('address', { description: 'Where it logged in from; empty: not known.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it logged in.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'When it was last used, to the minute.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends if it is not used.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was logged out; null: it was not.' }),
    current: t.boolean({ description: 'Whether it is the one that asks.', resolve: ({ id }, _args, ctx) => ctx.actor?.sessionId === id }),
  }),
});

builder.prismaObjectField(UserRef, 'sessions', (t) => t.relatedConnection('sessions', {
  cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Your own browsers that are logged in, newest first; nobody else\'s are among them.',
  query: (_args, ctx) => ({ where: { AND: [visibleOwn(requireActor(ctx)), openSessions(requireActor(ctx).userId)] }, orderBy: { id: 'desc' } }),
}, { name: 'SessionConnection' }, { name: 'SessionEdge' }));

const LogInInput = builder.inputType('LogInInput', {
  description: 'Who logs in.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The address.' }),
    password: t.string({ required: true, description: 'The password.' }),
    code: t.string({ description: 'The six digits of the authenticator app, where two-factor log-in is on.' }),
    recoveryCode: t.string({ description: 'One of the recovery codes in place of `code`; each is good once.' }),
  }),
});

const LogInPayload = builder.objectRef<{ user: User; session: Session }>('LogInPayload').implement({
  description: 'Who is logged in.',
  fields: (t) => ({
    user: t.expose('user', { type: UserRef, description: 'The user.' }),
    session: t.expose('session', { type: SessionRef, description: 'This browser\'s session; the cookie that the answer sets holds its secret.' }),
  }),
});

const LogOutInput = builder.inputType('LogOutInput', {
  description: 'Which browsers to log out.',
  fields: (t) => ({ others: t.boolean({ defaultValue: false, required: true, description: 'All others of the account, in place of the one that asks.' }) }),
});

const LogOutPayload = builder.objectRef<{ sessions: Session[] }>('LogOutPayload').implement({
  description: 'What has ended.',
  fields: (t) => ({ sessions: t.expose('sessions', { type: [SessionRef], description: 'The sessions that have ended.' }) }),
});

const EndSessionInput = builder.inputType('EndSessionInput', {
  description: 'The browser to log out.',
  fields: (t) => ({ session: t.id({ required: true, description: 'The session\'s id.' }) }),
});

const EndSessionPayload = builder.objectRef<{ session: Session }>('EndSessionPayload').implement({
  description: 'The ended session.',
  fields: (t) => ({ session: t.expose('session', { type: SessionRef, description: 'The session as it is now.' }) }),
});

builder.mutationFields((t) => ({
  logIn: t.field({
    type: LogInPayload, description: 'Logs a browser in: the answer sets a cookie, by which requests of the platform\'s own pages are this user\'s. Takes no key. Programs use API keys instead.',
    args: { input: t.arg({ type: LogInInput, required: true, description: 'Who.' }) },
    errors: { types: [LogInFailed, TwoFactorRequired, WrongCode, TooManyAttempts], union: { name: 'LogInResult', description: 'Who is logged in, or why nobody is.' } },
    resolve: async (_root, { input }, { platform, visitor, cookies, actor }) => {
      if (!cookies) throw badInput('Log in by HTTP from a page of the platform itself: this answer can set no cookie.');
      const { user, session, secret } = await logIn(platform, input, visitor);
      cookies.set(secret);
      // This browser had another; nobody could ever use it again.
      if (actor?.sessionId) await logOut(platform, actor);
      return { user, session };
    },
  }),
  logOut: t.field({
    type: LogOutPayload, description: 'Logs this browser out, or all others; what lives by these sessions ends.',
    args: { input: t.arg({ type: LogOutInput, required: true, description: 'Which.' }) },
    errors: { types: [InvalidInput, Forbidden], union: { name: 'LogOutResult', description: 'What has ended, or why nothing has.' } },
    resolve: async (_root, { input }, ctx) => {
      const actor = requireActor(ctx);
      if (input.others) return { sessions: await endOtherSessions(ctx.platform, actor) };
      const session = await logOut(ctx.platform, actor);
      ctx.cookies?.clear();
      return { sessions: [session] };
    },
  }),
  endSession: t.field({
    type: EndSessionPayload, description: 'Logs one browser of yours out; what lives by its session ends.',
    args: { input: t.arg({ type: EndSessionInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFound, Forbidden], union: { name: 'EndSessionResult', description: 'The ended session, or why it goes on.' } },
    resolve: async (_root, { input }, ctx) => ({ session: await endSession(ctx.platform, requireActor(ctx), input.session) }),
  }),
}));
