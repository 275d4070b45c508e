import { describeCrowd } from '../kit/crowd.ts';

describeCrowd({ followers: Number(process.env.SLIPWAY_TEST_FOLLOWERS ?? 2_000), seconds: 30, everyMs: 1_000 });
