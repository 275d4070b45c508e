import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRemoteStore } from '../../blobs/remote.ts';
import { createSigner } from '../../blobs/signature.ts';
import type { BlobKind, BlobStore } from '../../blobs/store.ts';
import { childEnv } from './child-env.ts';
import { freePort } from './free-port.ts';
import { endChild } from './processes.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

/** A real blob server process, as a cluster runs it. */
export interface BlobServer {
  /** As the platform's other processes have it. */
  store: BlobStore;
  /** Swaps its key file for one with these keys; answers a store that signs with the first. */
  changeKeys(keys: readonly Buffer[]): Promise<BlobStore>;
  /** The one that it begins with. */
  key: Buffer;
  /** Absolute, as a build gets it. */
  signPut(kind: BlobKind, maxBytes: number): string;
  signGet(kind: BlobKind, digest: string): string;
  /** Its directory: of blobs, or of uploads until they are in a bucket. */
  dir: string;
  pid(): number;
  /** What it has printed since its last start. */
  output(): string;
  /** Resolves when it is ready; rejects with its output when it ends before. */
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** @param settings where its blobs are, by the directory that it may use; the server is not started yet */
export async function createBlobServer(scope: Scope, settings: (dir: string) => Record<string, string>): Promise<BlobServer> {
  const dir = await makeTemp(scope, 'slip-blob-server-');
  const keyFile = join(await makeTemp(scope, 'slip-key-'), 'blob.key');
  const key = randomBytes(32);
  await writeFile(keyFile, key.toString('base64'));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const signer = createSigner(key);
  let child: ChildProcess | undefined;
  let output = '';

  const start = async (): Promise<void> => {
    output = '';
    const own = spawn(process.execPath, [new URL('../../blobs/main.ts', import.meta.url).pathname], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...childEnv(), SLIPWAY_LISTEN: address, SLIPWAY_BLOB_KEY_FILE: keyFile, ...settings(dir) },
    });
    child = own;
    for (const stream of [own.stdout, own.stderr]) stream?.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    await new Promise<void>((resolve, reject) => {
      own.once('message', () => { resolve(); });
      own.once('close', (code) => { reject(new Error(`the blob server ended with ${code}: ${output}`)); });
    });
  };
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => endChild(child, signal);
  scope.after(() => stop('SIGKILL'));
  return {
    dir, key, start, stop,
    changeKeys: async (keys) => {
      await writeFile(`${keyFile}.new`, keys.map((line) => `${line.toString('base64')}\n`).join(''));
      await rename(`${keyFile}.new`, keyFile);
      return createRemoteStore({ url, key: keys[0] ?? key });
    }, pid: () => child?.pid ?? 0, output: () => output,
    store: createRemoteStore({ url, key }),
    signPut: (kind, maxBytes) => url + signer.signPut(kind, maxBytes, 600),
    signGet: (kind, digest) => url + signer.signGet(kind, digest, 600),
  };
}
