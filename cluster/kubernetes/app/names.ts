import { createHash } from 'node:crypto';

/** What all that we add to objects begins with. */
const OURS = 'slipway.dev/';

export const label = {
  app: `${OURS}app`,
  process: `${OURS}process`,
  command: `${OURS}command`,
  config: `${OURS}config`,
};

export const annotation = {
  appName: `${OURS}app-name`,
  /** The hash of the manifest that was applied last. */
  applied: `${OURS}applied`,
  /** Equal templates are the same program with the same config, whichever release started it. */
  template: `${OURS}template`,
  /** The template without its config: what a release that restarts nothing compares. */
  program: `${OURS}program`,
  /** The process type as the Procfile has it; a label may not take every one. */
  process: `${OURS}process`,
  restarts: `${OURS}restarts`,
  /** Patched onto running pods, in no template. */
  release: `${OURS}release`,
  releaseId: `${OURS}release-id`,
  index: `${OURS}index`,
  deletionCost: 'controller.kubernetes.io/pod-deletion-cost',
};

const NAMESPACE = 'slipway-app-';
export const managedBy = { 'app.kubernetes.io/managed-by': 'slipway' };
/** Selects all that is ours. */
export const ourSelector = 'app.kubernetes.io/managed-by=slipway';

/** By the id, so that it survives renames. */
export const appNamespace = (appId: string): string => `${NAMESPACE}${appId}`;

const APP_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Null: no namespace of an app. */
export function appOfNamespace(namespace: string): string | null {
  const id = namespace.startsWith(NAMESPACE) ? namespace.slice(NAMESPACE.length) : '';
  return APP_ID.test(id) ? id : null;
}

export const appLabels = (appId: string): Record<string, string> => ({ ...managedBy, [label.app]: appId });

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const DNS_NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** What Kubernetes takes as a name: the word itself where it can be, else with a short hash, so that no two words share one. */
export function dnsName(word: string): string {
  if (DNS_NAME.test(word)) return word;
  const safe = word.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 32).replace(/-+$/, '');
  return `${safe === '' ? 'p' : safe}-${sha256(word).slice(0, 6)}`;
}

/** What a label takes: nearly every process type as it is. */
export const labelValue = (word: string): string => (LABEL_VALUE.test(word) ? word : dnsName(word));

/** By content: equal configs are one Secret, and a rollback finds the one that there was. */
export const configName = (fingerprint: string): string => `config-${sha256(fingerprint).slice(0, 32)}`;
