// A hook of one push: hands what git says to the server, prints what the server says, and answers git with its verdict.
// Kept to node: alone, so that it starts in a moment.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { readPkts, writePkts } from './pkt-line.ts';

const [, , name] = process.argv;
const { SLIPWAY_HOOK_SOCKET: socketPath = '', SLIPWAY_PUSH: push = '' } = process.env;
const quarantine = Object.fromEntries(['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_QUARANTINE_PATH'].flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])));

/** One question to the server; what it says on the way is printed. Answers its verdict. */
async function askServer(question: object): Promise<{ exit: number; results?: { ref: string; error: string | null }[] }> {
  const socket = connect(socketPath);
  socket.write(`${JSON.stringify({ hook: name, push, quarantine, ...question })}\n`);
  for await (const line of createInterface({ input: socket })) {
    const message = JSON.parse(line) as { say?: string; exit?: number; results?: { ref: string; error: string | null }[] };
    if (message.say !== undefined) process.stderr.write(`${message.say}\n`);
    if (message.exit !== undefined) return { exit: message.exit, ...(message.results ? { results: message.results } : {}) };
  }
  throw new Error('the git server went away');
}

async function preReceive(): Promise<number> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) lines.push(line);
  const commands = lines.map((line) => { const [old, now, ref] = line.split(' '); return { old, now, ref }; });
  return (await askServer({ commands })).exit;
}

async function procReceive(): Promise<number> {
  const packets = readPkts(process.stdin);
  const greeting = (await packets.section())[0] ?? '';
  if (!greeting.startsWith('version=1')) throw new Error(`git spoke "${greeting}"`);
  const withOptions = greeting.includes('push-options');
  await writePkts(process.stdout, [`version=1${withOptions ? '\0push-options' : ''}`]);
  const commands = (await packets.section()).map((line) => { const [old, now, ref] = line.split(' '); return { old, now, ref }; });
  const options = withOptions ? await packets.section() : [];
  const { results } = await askServer({ commands, options }).catch((error: unknown) => {
    tellFailure(error);
    return { results: commands.map(({ ref = '' }) => ({ ref, error: 'the git server went away, push again' })) };
  });
  await writePkts(process.stdout, (results ?? []).map(({ ref, error }) => (error === null ? `ok ${ref}` : `ng ${ref} ${error}`)));
  return 0;
}

function tellFailure(error: unknown): void {
  process.stderr.write(` !     The git server failed: ${error instanceof Error ? error.message : String(error)}. A build that has begun goes on; push again to see how.\n`);
}

(name === 'proc-receive' ? procReceive() : preReceive()).then((code) => { process.exitCode = code; }, (error: unknown) => { tellFailure(error); process.exitCode = 1; });
