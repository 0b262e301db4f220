import assert from 'node:assert/strict';
import type { Address } from '../../src/protocol/address.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { until } from '../support/outlet.js';

const LIMITS = { answerWithinMs: 5_000, idleMs: 5_000 };
const PATIENCE_MS = 10_000;

describe('connections to a peer', () => {
  const client = new HttpsTransport({ tls: 'auto', env: {}, log: SILENT_LOG });
  const server = new HttpsTransport({ tls: 'auto', env: {}, log: SILENT_LOG });
  after(() => Promise.all([client.close(), server.close()]));

  async function ask(to: Address): Promise<void> {
    const answer = await client.post(to, { path: '/notify', headers: {}, body: '{}', quick: true }, LIMITS);
    for await (const chunk of answer.body) assert.equal(Buffer.from(chunk).toString(), '{}');
  }

  it('that end because it goes away are told of once, with its address; those that were never made are not', async () => {
    const cuts: Address[] = [];
    client.onCut((to) => cuts.push(to));
    const listener = await server.listen({ address: { host: '127.0.0.1', port: '0' } }, async ({ body }) => {
      for await (const chunk of body) assert.ok(chunk.length > 0);
      return { status: 200, headers: {}, body: '{}' };
    });
    const to = { host: '127.0.0.1', port: String(listener.port) };
    await Promise.all([ask(to), ask(to)]);
    assert.deepEqual(cuts, []);
    await listener.close();
    await until(() => cuts.length > 0, 'nobody was told', PATIENCE_MS);
    await assert.rejects(ask(to), { code: 'PEER_UNREACHABLE' });
    assert.deepEqual(cuts, [to]);
  });
});
