import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { makeIdentity } from '../../src/transport/https/certificate.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { SILENT_LOG } from '../../src/support/log.js';

const LIMITS = { answerWithinMs: 5_000, idleMs: 5_000 };
const REQUEST = { path: '/notify', headers: { 'content-type': 'application/json' }, body: '{}' };

describe('a kept connection', () => {
  for (const quick of [false, true]) {
    it(`that the peer ends in the moment of its reuse costs nothing but a new connection${quick ? ', the quick way too' : ''}`, async () => {
      const sockets = new Set<Socket>();
      let requests = 0;
      const server = createServer(await makeIdentity(), (request, response) => {
        requests += 1;
        request.resume();
        // The second request meets a peer that has just hung up.
        if (requests === 2) request.socket.destroy();
        else response.end('{}');
      });
      server.on('secureConnection', (socket: Socket) => sockets.add(socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const transport = new HttpsTransport({ tls: 'auto', env: {}, log: SILENT_LOG });
      try {
        for (let turn = 0; turn < 2; turn += 1) {
          const answer = await transport.post(
            { host: '127.0.0.1', port: String(port) },
            { ...REQUEST, quick },
            LIMITS,
          );
          assert.equal(answer.status, 200);
          for await (const chunk of answer.body) assert.equal(Buffer.from(chunk).toString(), '{}');
        }
        assert.equal(requests, 3);
        assert.equal(sockets.size, 2);
      } finally {
        await transport.close();
        for (const socket of sockets) socket.destroy();
        server.close();
      }
    });
  }
});
