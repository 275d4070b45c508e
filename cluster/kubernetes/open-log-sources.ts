import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { readEnv } from '../../service/env.ts';
import type { Logger } from '../../service/log.ts';
import type { LogSources } from '../log-sources.ts';
import { connectKube } from './api.ts';
import { createKubernetesLogSources } from './log-sources.ts';

const logEnv = {
  /** By the downward API: spec.nodeName. */
  SLIPWAY_NODE_NAME: z.string().min(1),
  SLIPWAY_POD_LOG_DIR: z.string().default('/var/log/pods'),
  SLIPWAY_LOG_STATE_DIR: z.string().default('/var/lib/slipway/log-agent'),
  SLIPWAY_BUILDS_NAMESPACE: z.string().default('slipway-builds'),
  /** Where the Ingress controller runs, and the labels of its pods where it writes an access log that we read: Traefik's, in JSON. Unset: no router lines. */
  SLIPWAY_INGRESS_NAMESPACE: z.string().default('traefik'),
  SLIPWAY_INGRESS_LOG_LABELS: z.string().optional(),
};

/** The log sources of a node of Kubernetes, by the environment of its log agent. */
export function openKubernetesLogSources(_log: Logger, signal: AbortSignal): LogSources {
  const env = readEnv(logEnv);
  mkdirSync(env.SLIPWAY_LOG_STATE_DIR, { recursive: true, mode: 0o700 });
  return createKubernetesLogSources({
    api: connectKube({ kubeconfig: null }), podLogDir: env.SLIPWAY_POD_LOG_DIR, stateDir: env.SLIPWAY_LOG_STATE_DIR, nodeName: env.SLIPWAY_NODE_NAME, signal,
    names: { appNamespacePrefix: 'slipway-app-', buildsNamespace: env.SLIPWAY_BUILDS_NAMESPACE, selector: 'app.kubernetes.io/managed-by=slipway' },
    ingress: env.SLIPWAY_INGRESS_LOG_LABELS === undefined ? null : { namespace: env.SLIPWAY_INGRESS_NAMESPACE, labels: env.SLIPWAY_INGRESS_LOG_LABELS },
  });
}
