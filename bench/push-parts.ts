/** What a push comes by, in this order, in milliseconds of one clock. */
export interface PushMarks {
  begun: number;
  /** The platform has the commit and has said so. */
  taken: number;
  buildPod: number;
  buildScheduled: number;
  /** The first container that does work of the build. */
  preparing: number;
  prepared: number;
  built: number;
  published: number;
  appPod: number;
  appScheduled: number;
  appStarted: number;
  appReady: number;
  answered: number;
}

/** What parts of the way took that have no marks of their own. */
export interface PushSpans { registryPush: number; imagePull: number }

export interface PushParts {
  git: number; take: number; scheduleBuild: number; startBuild: number; prepare: number; kaniko: number; registryPush: number; publish: number;
  release: number; schedule: number; pull: number; start: number; listen: number; route: number;
}

/** How long each part took; together they are the whole. A mark that was seen later than the next one counts as that one: news comes on different ways. Pure. */
export function partsOf(marks: PushMarks, spans: PushSpans): PushParts {
  const order = [marks.begun, marks.taken, marks.buildPod, marks.buildScheduled, marks.preparing, marks.prepared, marks.built, marks.published, marks.appPod, marks.appScheduled, marks.appStarted, marks.appReady, marks.answered];
  const times = order.map((_, index) => Math.max(marks.begun, Math.min(...order.slice(index))));
  const [git = 0, take = 0, scheduleBuild = 0, startBuild = 0, prepare = 0, building = 0, publish = 0, release = 0, schedule = 0, starting = 0, listen = 0, route = 0] = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const registryPush = Math.min(spans.registryPush, building);
  const pull = Math.min(spans.imagePull, starting);
  return { git, take, scheduleBuild, startBuild, prepare, kaniko: building - registryPush, registryPush, publish, release, schedule, pull, start: starting - pull, listen, route };
}

export const wholeOf = (parts: PushParts): number => Object.values(parts).reduce<number>((sum, part) => sum + (part as number), 0);

/** The milliseconds of `Successfully pulled image "…" in 1m2.5s (…)`; 0 for one that the node had. */
export function pullMs(message: string): number {
  const [, took = ''] = / in ((?:[\d.]+(?:h|ms|m|µs|us|ns|s))+)/.exec(message) ?? [];
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, µs: 1e-3, us: 1e-3, ns: 1e-6 };
  return [...took.matchAll(/([\d.]+)(h|ms|m|µs|us|ns|s)/g)].reduce((sum, [, number, unit = 's']) => sum + Number(number) * (units[unit] ?? 0), 0);
}
