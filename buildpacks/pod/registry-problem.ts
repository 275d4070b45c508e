import type { BuildReport } from '../../bus/build.ts';
import { TokenRefused } from '../../registry/login.ts';

export type RegistryReason = Extract<BuildReport, { type: 'registry' }>['reason'];
export interface RegistryProblem { reason: RegistryReason; message: string }

/** Registries say it in their own ways: distribution by the error number of its disk, Harbor and others by words. */
const full = /"Err":\s*(28|122)\b|no space left|ENOSPC|disk quota|quota (has been |will be |would be )?exceed|exceed(s|ed|ing)? the (configured )?(upper limit|quota)|insufficient storage/i;

/** What an answer of the registry says about it; null: nothing is wrong with the registry. */
export function explainAnswer(status: number, text: string, host: string): RegistryProblem | null {
  if (status === 507 || (status >= 400 && full.test(text))) return { reason: 'REGISTRY_FULL', message: `The image registry ${host} has no room for the image (HTTP ${status}).` };
  if (status === 401 || status === 403) return { reason: 'REGISTRY_DENIED', message: `The image registry ${host} refused the platform's login (HTTP ${status}).` };
  if (status >= 500) return { reason: 'REGISTRY_UNAVAILABLE', message: `The image registry ${host} failed: HTTP ${status}.` };
  return null;
}

/** What an error on the way to the registry says. */
export function registryProblem(error: unknown, host: string): RegistryProblem {
  if (error instanceof TokenRefused && error.status < 500) return { reason: 'REGISTRY_DENIED', message: `The image registry ${host} refused the platform's login (HTTP ${error.status}).` };
  const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
  return { reason: 'REGISTRY_UNAVAILABLE', message: `The image registry ${host} did not answer: ${cause}.` };
}
