import type { SourceMeta } from '../cri/cri-file.ts';

/** One writer of log lines: its files, in the kubelet's format, lie in one or more directories that are written one after the other. */
export interface LogSourceFiles {
  /** Of this source alone, and the same after a restart. */
  id: string;
  content: LogContent;
  /** In the order in which they are written; not all need to be there yet. */
  dirs(): readonly string[];
  /** Where the reader may keep its position, for when retention dropped the source's last batch. */
  positionFile: string;
  state(): Promise<SourceState>;
}

/** `ended`: all is written that ever will be. `left`: its writer is gone, and another may go on with it. `lost`: the files were taken away before its end. */
export type SourceState = 'live' | 'ended' | 'left' | 'lost';

/** What a tool's line is to be read as; null: nothing that anybody would miss. */
export type ReadableLine = (line: string) => string | null;

/** `source`: lines of one source (a replica may come to belong to a later release). `access-log`: an Ingress controller's requests, of many apps. */
export type LogContent = { kind: 'source'; meta(): SourceMeta; readable?: ReadableLine } | { kind: 'access-log'; controller: 'traefik'; replicaAt(address: string): RoutedReplica | null; /** Part of a subject. */ sourceId: string };

/** The replica behind an address, where it runs on this node. */
export interface RoutedReplica { process: string; index: number; releaseVersion: number }

/** Where log lines come from on this node. */
export interface LogSources {
  /** Those that are there now. */
  list(): Promise<LogSourceFiles[]>;
  /** Calls back when `list` may answer something new. */
  watch(onChange: () => void): void;
  /** All lines of the source are stored: in time, what is kept of it goes. */
  forget(source: LogSourceFiles): Promise<void>;
  close(): void;
}
