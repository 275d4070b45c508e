import { appendFileSync, createReadStream, createWriteStream, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A container's log directory as containerd and the kubelet write it. */
export interface KubeletFiles {
  write(lines: readonly string[], stream?: 'stdout' | 'stderr'): void;
  /** The kubelet's rotation: the older rotated file is compressed, the current one renamed, the oldest deleted beyond `keep` files. */
  rotate(): Promise<void>;
  /** The container died and its next life begins. */
  restart(): void;
}

const PART_BYTES = 16 * 1024;

export function createKubeletFiles(dir: string, keep = 5): KubeletFiles {
  mkdirSync(dir, { recursive: true });
  let life = 0;
  let nanos = BigInt(Date.now()) * 1_000_000n;
  let rotations = 0;
  const current = (): string => join(dir, `${life}.log`);
  const time = (): string => {
    const now = BigInt(Date.now()) * 1_000_000n;
    nanos = now > nanos ? now : nanos + 1_001n;
    return `${new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`;
  };
  const criLines = (text: string, stream: string): string => {
    const parts: string[] = [];
    for (let at = 0; at === 0 || at < text.length; at += PART_BYTES) parts.push(`${time()} ${stream} ${at + PART_BYTES < text.length ? 'P' : 'F'} ${text.slice(at, at + PART_BYTES)}\n`);
    return parts.join('');
  };
  const rotated = (): string[] => readdirSync(dir).filter((name) => name.startsWith(`${life}.log.`)).sort();
  const compress = async (name: string): Promise<void> => {
    await pipeline(createReadStream(join(dir, name)), createGzip(), createWriteStream(join(dir, `${name}.tmp`)));
    renameSync(join(dir, `${name}.tmp`), join(dir, `${name}.gz`));
    rmSync(join(dir, name));
  };
  writeFileSync(current(), '');
  return {
    write: (lines, stream = 'stdout') => { appendFileSync(current(), lines.map((line) => criLines(line, stream)).join('')); },
    rotate: async () => {
      for (const name of rotated()) {
        if (name.endsWith('.tmp')) rmSync(join(dir, name));
        else if (!name.endsWith('.gz')) await compress(name);
      }
      for (const name of rotated().slice(0, -(keep - 2))) rmSync(join(dir, name));
      const second = new Date(Date.now() + rotations++ * 1000).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
      renameSync(current(), `${current()}.${second}`);
      writeFileSync(current(), '');
    },
    restart: () => { life++; writeFileSync(current(), ''); },
  };
}
