import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partsOf, pullMs, wholeOf } from './push-parts.ts';
import type { PushMarks } from './push-parts.ts';

const marks: PushMarks = { begun: 1000, taken: 1100, buildPod: 1300, buildScheduled: 1310, preparing: 2300, prepared: 3300, built: 6300, published: 7300, appPod: 7800, appScheduled: 7810, appStarted: 8800, appReady: 9800, answered: 9900 };

describe('the parts of a push', () => {
  it('add up to the whole', () => {
    const parts = partsOf(marks, { registryPush: 400, imagePull: 300 });
    assert.deepEqual(parts, { git: 100, take: 200, scheduleBuild: 10, startBuild: 990, prepare: 1000, kaniko: 2600, registryPush: 400, publish: 1000, release: 500, schedule: 10, pull: 300, start: 690, listen: 1000, route: 100 });
    assert.equal(wholeOf(parts), 8900);
  });

  it('add up where news came late, and where a part says that it took longer than there was', () => {
    const parts = partsOf({ ...marks, taken: 1400, appReady: 10_500, published: 7900 }, { registryPush: 9000, imagePull: 0 });
    assert.deepEqual([parts.git, parts.take, parts.publish, parts.release, parts.listen, parts.route], [300, 0, 1500, 0, 1100, 0]);
    assert.deepEqual([parts.kaniko, parts.registryPush], [0, 3000]);
    assert.equal(wholeOf(parts), 8900);
  });

  it('know how long the kubelet pulled', () => {
    assert.deepEqual([
      'Successfully pulled image "r:5000/a@sha256:1" in 325ms (325ms including waiting). Image size: 12 bytes.', 'Successfully pulled image "a" in 1m2.5s (1m3s including waiting)',
      'Successfully pulled image "in 3s" in 950.5µs (1s including waiting)', 'Container image "a" already present on machine',
    ].map(pullMs), [325, 62_500, 0.9505, 0]);
  });
});
