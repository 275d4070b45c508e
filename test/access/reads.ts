import { isInterfaceType } from 'graphql';
import { schema } from '../../schema/schema.ts';
import { ask } from './ask.ts';
import { allows, ruleOf } from './rules.ts';
import type { FieldRule, Rule } from './rules.ts';
import { planFrom, printSteps, valuesOf } from './walk.ts';
import type { Seen, Step } from './walk.ts';
import type { Visitor, World } from './world.ts';

/** Arguments that fields cannot do without. */
export const fieldArguments: Record<string, string> = { 'App.configHistory': '(key: "PLAIN", first: 5)' };

/** How many types deep every path is walked. */
const DEPTH = 4;

const errors = new Set(schema.getPossibleTypes(schema.getType('UserError') as never).map(({ name }) => name));
export const isError = (type: string): boolean => errors.has(type) || isInterfaceType(schema.getType(type));

/** On apps that are not the owner's first one, these visitors are owners. */
const ownersElsewhere: readonly Visitor[] = ['a stranger', 'a key for another app'];

function allowsOn(world: World, appId: string, rule: Rule, visitor: Visitor): boolean {
  if (appId === world.app.id) return allows(rule, visitor);
  return world.apps[visitor].has(appId) && allows(rule, ownersElsewhere.includes(visitor) ? 'the owner' : visitor);
}

/** Whose a value is: of the nearest object with an id. */
function subjectOf(world: World, { object, above }: Seen): { app: string } | { user: string } | null {
  for (const each of [object, ...above.toReversed()]) {
    const id = each[`${String(each.__typename)}__id`];
    if (typeof id !== 'string') continue;
    const whose = world.belongs.get(id);
    if (!whose) throw new Error(`Whose is ${String(each.__typename)} ${id}? The world must say.`);
    return whose;
  }
  return null;
}

/** Whether the visitor may see this value, by the rules. */
export function maySee(world: World, visitor: Visitor, seen: Seen): boolean {
  const rule = ruleOf(seen.type, seen.field, isError(seen.type));
  if (rule === 'nothing') return true;
  const subject = subjectOf(world, seen);
  if (rule === null) return false;
  if (subject === null) return allows(rule as Rule, visitor);
  const recipient = world.recipients.get(String(seen.object.Transfer__id ?? seen.object.Invitation__id));
  if (recipient !== undefined && recipient === world.userIds[visitor] && allows('account', visitor)) return true;
  if ('app' in subject) return rule !== 'person' && rule !== 'key' && rule !== 'self' && allowsOn(world, subject.app, rule, visitor);
  return mayKnow(world, visitor, subject.user, rule, seen);
}

function mayKnow(world: World, visitor: Visitor, userId: string, rule: FieldRule, { object }: Seen): boolean {
  const isSelf = userId === world.userIds[visitor] && allows('actor', visitor);
  // Whoever sees an app sees who works on it.
  if (rule === 'person') return isSelf || world.apps[visitor].size > 0;
  if (rule === 'key') return (isSelf && (allows('account', visitor) || object.ApiKey__name === visitor)) || (object.ApiKey__name === 'a deploy key' && allows('manage', visitor));
  if (rule === 'self') return isSelf;
  if (rule === 'account') return isSelf && allows('account', visitor);
  // Of the platform, not of an app.
  return rule === 'manage' && isSelf && allows('platform', visitor);
}

const plans = new Map<string, { below: Map<string, Step[]>; text: string }>();

/** Every path down from a type, and the text that asks for it: made once, as it is long. */
function planOf(typeName: string, depth: number): { below: Map<string, Step[]>; text: string } {
  const known = plans.get(`${typeName} ${depth}`);
  if (known) return known;
  const type = schema.getType(typeName);
  const below = type && planFrom(schema, type, { args: fieldArguments, depth });
  if (!below) throw new Error(`There is no type ${typeName} to walk through.`);
  const plan = { below, text: printSteps(below) };
  plans.set(`${typeName} ${depth}`, plan);
  return plan;
}

/** What queries at the top, all of one type, answer to a visitor, walked through to the end. */
export async function readAll(world: World, visitor: Visitor, calls: readonly string[], typeName: string, depth = DEPTH): Promise<{ values: Seen[]; codes: string[] }> {
  const { below, text } = planOf(typeName, depth);
  const { data, errors: failures = [] } = await ask(world, visitor, `{ ${calls.map((call, index) => `top${index}: ${call} ${text}`).join(' ')} }`);
  return { values: calls.flatMap((_call, index) => [...valuesOf(below, data?.[`top${index}`] ?? null)]), codes: failures.map(({ extensions }) => String(extensions.code)) };
}
