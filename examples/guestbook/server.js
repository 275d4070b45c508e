// The web process: the built front end, an API, and a WebSocket that tells every visitor of each new entry.
// Entries live in memory: each release, and each replica, begins with an empty book. A real one keeps them in a database.
import { createServer } from 'node:http';
import express from 'express';
import { WebSocketServer } from 'ws';

const entries = [{ name: 'Ann', text: 'The first to sign.', at: new Date().toISOString() }];
const app = express();
app.use(express.json({ limit: '10kb' }));
app.use(express.static('dist'));
app.get('/api/entries', (_request, response) => { response.json({ title: process.env.TITLE ?? 'Guestbook', entries }); });
app.post('/api/entries', (request, response) => {
  const { name = 'Somebody', text = '' } = request.body ?? {};
  const entry = { name: String(name).slice(0, 40), text: String(text).slice(0, 500), at: new Date().toISOString() };
  entries.unshift(entry);
  console.log(`${entry.name} signed the guestbook`);
  for (const client of sockets.clients) client.send(JSON.stringify(entry));
  response.status(201).json(entry);
});

const server = createServer(app);
const sockets = new WebSocketServer({ server, path: '/live' });
server.listen(process.env.PORT, () => { console.log(`listening on ${process.env.PORT}`); });
process.on('SIGTERM', () => {
  for (const client of sockets.clients) client.close(1001);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
