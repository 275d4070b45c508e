import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1ContainerStatus, V1Job, V1Pod } from '@kubernetes/client-node';
import type { BuildOutcome } from '../../bus/build.ts';
import { judgeBuild } from './build-verdict.ts';
import type { BuildView } from './build-verdict.ts';

const metadata = { name: 'build-1' };
const job: V1Job = { metadata };
const failedJob = (reason: string): V1Job => ({ metadata, status: { conditions: [{ type: 'Failed', status: 'True', reason }] } });
const status = (name: string, state: V1ContainerStatus['state']): V1ContainerStatus => ({ name, state: state ?? {}, image: '', imageID: '', ready: false, restartCount: 0 });
const ended = (name: string, exitCode: number, reason = 'Error', message?: string): V1ContainerStatus => status(name, { terminated: { exitCode, reason, ...(message === undefined ? {} : { message }) } });
const pod = (phase: string, initContainerStatuses: V1ContainerStatus[] = [], more: Pick<NonNullable<V1Pod['status']>, 'reason' | 'message' | 'conditions'> = {}): V1Pod => ({ metadata: { name: 'p' }, status: { phase, initContainerStatuses, ...more } });
const saidFailed: BuildOutcome = { status: 'FAILED', reason: 'BUILD_COMMAND_FAILED', message: 'm', hint: null, lines: [] };
const saidDone: BuildOutcome = { status: 'SUCCEEDED', slug: { digest: 'aa', size: 1, stack: 's', buildpacks: [], processTypes: [], image: 'r/app-1@sha256:aa' }, cacheDigest: null };

const judge = (view: Partial<BuildView>): string => {
  const verdict = judgeBuild({ job, pod: null, outcome: null, registry: null, lines: [], ...view });
  if (verdict.status !== 'ended') return verdict.status;
  return verdict.outcome.status === 'FAILED' ? verdict.outcome.reason : verdict.outcome.status;
};
const kanikoFailed = (...lines: string[]): Partial<BuildView> => ({ pod: pod('Failed', [ended('prepare', 0, 'Completed'), ended('kaniko', 1)]), lines });
const canceled: V1Job = { metadata: { name: 'build-1', annotations: { 'slipway.dev/canceled': 'true' } } };

describe('the verdict on a build', () => {
  const cases: [string, Partial<BuildView>, string][] = [
    ['whose pod is not there yet', {}, 'running'],
    ['that waits for a node', { pod: pod('Pending', [], { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] }) }, 'running'],
    ['that goes on', { pod: pod('Running', [status('prepare', { running: {} })]) }, 'running'],
    ['that said it failed and still ends', { pod: pod('Running', [status('prepare', { running: {} })]), outcome: saidFailed }, 'running'],
    ['that said it is done', { pod: pod('Running'), outcome: saidDone }, 'SUCCEEDED'],
    ['that said it is done, whose pod is gone since', { job: null, outcome: saidDone }, 'SUCCEEDED'],
    ['that said why it failed', { pod: pod('Failed', [ended('prepare', 1)]), outcome: saidFailed }, 'BUILD_COMMAND_FAILED'],
    ['that cannot start at all', { pod: pod('Pending', [status('prepare', { waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } })]) }, 'INTERNAL'],
    ['whose image is pulled again and again', { pod: pod('Pending', [status('prepare', { waiting: { reason: 'ImagePullBackOff' } })]) }, 'running'],
    ['that is canceled and still ends', { job: canceled, pod: pod('Running') }, 'running'],
    ['that is canceled', { job: canceled }, 'CANCELED'],
    ['that is canceled, whatever it said', { job: canceled, outcome: saidDone }, 'CANCELED'],
    ['out of memory in prepare', { pod: pod('Failed', [ended('prepare', 137, 'OOMKilled')]) }, 'OUT_OF_MEMORY'],
    ['out of memory, whatever it said', { pod: pod('Failed', [ended('prepare', 1, 'OOMKilled')]), outcome: saidFailed }, 'OUT_OF_MEMORY'],
    ['out of memory in a step of a Dockerfile', kanikoFailed('error building image: waiting for process to exit: signal: killed'), 'OUT_OF_MEMORY'],
    ['out of time', { job: failedJob('DeadlineExceeded') }, 'BUILD_TIMEOUT'],
    ['out of time with a pod left', { job: failedJob('DeadlineExceeded'), pod: pod('Failed', [ended('prepare', 143)]) }, 'BUILD_TIMEOUT'],
    ['evicted for its own disk', { pod: pod('Failed', [], { reason: 'Evicted', message: 'Usage of EmptyDir volume "work" exceeds the limit "4Gi". ' }) }, 'DISK_FULL'],
    ['evicted for the disk of all its parts', { pod: pod('Failed', [], { reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds the total limit of containers 8Gi. ' }) }, 'DISK_FULL'],
    ['evicted for its node', { pod: pod('Failed', [], { reason: 'Evicted', message: 'The node was low on resource: memory.' }) }, 'lost'],
    ['whose node was drained', { pod: pod('Failed', [ended('prepare', 137)], { conditions: [{ type: 'DisruptionTarget', status: 'True' }] }) }, 'lost'],
    ['whose pod was deleted', { job: failedJob('BackoffLimitExceeded') }, 'lost'],
    ['whose pod is being deleted', { pod: { metadata: { name: 'p', deletionTimestamp: new Date() }, status: { phase: 'Failed', initContainerStatuses: [ended('prepare', 143)] } } }, 'lost'],
    ['whose job was deleted', { job: null }, 'lost'],
    ['whose node forgot its containers', { pod: pod('Failed', [ended('kaniko', 137, 'ContainerStatusUnknown')]) }, 'lost'],
    ['whose lifecycle was killed', { pod: pod('Failed', [ended('prepare', 137)]) }, 'lost'],
    ['whose lifecycle crashed', { pod: pod('Failed', [ended('prepare', 7)]) }, 'INTERNAL'],
    ['whose Dockerfile failed', kanikoFailed('error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1'), 'IMAGE_BUILD_FAILED'],
    ['whose Dockerfile filled the disk', kanikoFailed('tar: write error: No space left on device'), 'DISK_FULL'],
    ['whose base image is nowhere', kanikoFailed('error building image: GET https://index.docker.io/v2/library/nope/manifests/1: MANIFEST_UNKNOWN: manifest unknown'), 'IMAGE_BUILD_FAILED'],
    ['whose base image\'s registry is away', kanikoFailed('error building image: Get "https://quay.io/v2/": dial tcp 1.2.3.4:443: connect: connection refused'), 'REGISTRY_UNAVAILABLE'],
    ['whose registry refused it', { ...kanikoFailed('error pushing image: unexpected status code 401'), registry: { type: 'registry', reason: 'REGISTRY_DENIED', message: 'no' } }, 'REGISTRY_DENIED'],
    ['whose registry is full', { ...kanikoFailed('error pushing image: 500'), registry: { type: 'registry', reason: 'REGISTRY_FULL', message: 'no' } }, 'REGISTRY_FULL'],
    ['whose registry had a bad moment that is over', { pod: pod('Succeeded'), outcome: saidDone, registry: { type: 'registry', reason: 'REGISTRY_UNAVAILABLE', message: 'no' } }, 'SUCCEEDED'],
  ];
  for (const [what, view, expected] of cases) it(`of one ${what} is ${expected}`, () => { assert.equal(judge(view), expected); });

  it('names the step of the Dockerfile\'s cause, and keeps the last lines readable', () => {
    const verdict = judgeBuild({ job, outcome: null, registry: null, ...kanikoFailed('\u001b[36mINFO\u001b[0m[0003] RUN make', 'make: *** no rule', 'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 2') } as BuildView);
    assert.ok(verdict.status === 'ended' && verdict.outcome.status === 'FAILED');
    assert.equal(verdict.outcome.message, 'The image could not be built: waiting for process to exit: exit status 2');
    assert.deepEqual(verdict.outcome.lines.slice(0, 2), ['       RUN make', 'make: *** no rule']);
  });

  it('says that there was no room when a build never started in its time', () => {
    const verdict = judgeBuild({ job: failedJob('DeadlineExceeded'), pod: pod('Failed', [], { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] }), outcome: null, registry: null, lines: [] });
    assert.ok(verdict.status === 'ended' && verdict.outcome.status === 'FAILED' && /no room .* 0\/3 nodes/.test(verdict.outcome.message));
  });
});
