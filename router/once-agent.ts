import { Agent } from 'node:http';

/**
 * A new connection for each request, without telling the server so: one that hears "Connection: close" ends the connection under an upload
 * that it refuses, and its answer is lost.
 */
export class OnceAgent extends Agent {
  constructor() { super({ keepAlive: true }); }
  override keepSocketAlive(): false { return false; }
}
