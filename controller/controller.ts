import type { DeployCluster } from '../cluster/deploy.ts';
import type { Leadership } from '../platform/lease.ts';
import type { Platform } from '../platform/platform.ts';
import type { LeadClock } from './lead-clock.ts';

/** What each step of a reconciliation works with; verdicts are written on condition of the lead. */
export interface Controller { platform: Platform; cluster: DeployCluster; lead: Leadership; clock: LeadClock }
