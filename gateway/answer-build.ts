import { answer, BusError } from '../bus/ask.ts';
import { buildClaim, buildFinished, buildHeartbeat, buildHeld, buildStepsReported } from '../bus/build.ts';
import type { Bus } from '../bus/connect.ts';
import { claimBuild, heldBuilds, renewLease, reportSteps } from '../platform/build/claim-build.ts';
import { finishBuild } from '../platform/build/finish-build.ts';
import type { Platform } from '../platform/platform.ts';
import { refusing } from './refusing.ts';

/** Answers builders: who builds what, and how it ended. */
export function answerBuild(platform: Platform, bus: Bus, onError: (error: unknown, subject: string) => void): void {
  answer(bus, buildClaim, refusing(async ({ buildId, builderId }) => {
    const claim = await claimBuild(platform, buildId, builderId);
    if ('refused' in claim) throw new BusError(claim.refused, claim.refused === 'APP_BUSY' ? 'Another build of this app runs.' : 'This build is not to be built.');
    return claim.claimed;
  }), onError);
  answer(bus, buildHeld, refusing(async ({ builderId }) => ({ buildIds: await heldBuilds(platform, builderId) })), onError);
  answer(bus, buildHeartbeat, refusing(({ buildId, builderId }) => renewLease(platform, buildId, builderId)), onError);
  answer(bus, buildStepsReported, refusing(async ({ buildId, builderId, steps }) => { await reportSteps(platform, buildId, builderId, steps); return {}; }), onError);
  answer(bus, buildFinished, refusing(async ({ buildId, builderId, outcome }) => { await finishBuild(platform, buildId, builderId, outcome); return {}; }), onError);
}
