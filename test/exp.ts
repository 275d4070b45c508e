import { startBuildClusterRig } from './kit/build-cluster-rig.ts';
const ends: (() => Promise<void>)[] = [];
try {
const rig = await startBuildClusterRig({ after: (fn) => { ends.push(fn); } });
console.log(rig.settings.builderImage, rig.settings.stackImage);
const app = { 'package.json': JSON.stringify({ name: 'x', version: '1.0.0', scripts: { start: 'node server.js' }, dependencies: { ms: '2.1.3' } }), 'server.js': "require('node:http').createServer((q,s)=>s.end('hello '+process.env.HOME)).listen(process.env.PORT)" };
for (let i = 0; i < 2; i++) {
  const t = Date.now();
  const b = await rig.build(app, { number: i + 1, config: [{ key: 'SECRET_THING', value: Buffer.from('planted-secret-1234').toString('base64') }] });
  console.log(Date.now() - t, 'ms', JSON.stringify(b.outcome, null, 1), b.steps.map((s) => `${s.index} ${s.kind} ${s.name} ${s.status} ${s.cacheHit} ${Date.parse(s.endedAt ?? '') - Date.parse(s.startedAt)}`).join('\n'));
  console.log(b.lines.prepare.join('\n')); console.log('---'); console.log(b.lines.kaniko.map((l) => JSON.stringify(l)).join('\n')); console.log('---'); console.log(b.lines.publish.join('\n'));
}
} finally { for (const end of ends.reverse()) await end().catch(console.error); }
process.exit();
