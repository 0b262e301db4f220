import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:https';
import { makeIdentity } from '../../src/transport/https/certificate.js';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { RemoteStore } from '../support/remote-store.js';
import { until } from '../support/outlet.js';

/** Far more than the sockets between the two hold, so that most of it is still to come when the reader goes. */
const PAYLOAD = 'x'.repeat(20_000_000);

const CONSUMER = { serviceName: 'svc', consumerId: 'c1', storeName: 'mesh0:S9' };

describe('DEFECTS 10: a transfer that is cut', () => {
  it('does not count as read: the consumer gets the whole at its next try', async () => {
    const [port, own] = [await freePort(), await freePort()];
    const remote = await RemoteStore.open(port);
    const reader = await FakeConsumerStore.open(own);
    try {
      await postJson(port, '/notify', {
        notifyType: 'consumerRegistration',
        consumer: {
          ...CONSUMER,
          localStoreName: 'mesh0:S9',
          storeAddress: '127.0.0.1',
          storePort: String(own),
          transitAddress: '127.0.0.1',
          transitPort: String(own),
          direction: 'north',
          hopCount: 1,
          ttl: 1_900_000_000,
        },
      });
      remote.producer().send(PAYLOAD);
      await until(() => reader.confirmed !== undefined, 'the message was not assigned');
      await readAndCut(port, reader.readRequest());
      await until(
        () => remote.store.engine.messages.rows()[0]?.state === 'assigned',
        'the message was not assigned any more',
      );
      const whole = await postJson(port, '/read-message', reader.readRequest());
      const text = Buffer.from(whole.text, 'base64').toString('utf16le');
      assert.equal((JSON.parse(text) as { payload: string }).payload.length, PAYLOAD.length);
      await until(() => remote.store.engine.messages.rows()[0]?.state === 'read', 'it did not count as read');
    } finally {
      await reader.close();
      await remote.close();
    }
  });
});

/** Reads the first bytes of the answer and hangs up. */
function readAndCut(port: number, body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: '/read-message',
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        answer.once('data', () => {
          answer.destroy();
          resolve();
        });
        answer.on('error', () => undefined);
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

/** A 3.0.5 store that takes every offer and reads nothing by itself. */
class FakeConsumerStore {
  confirmed: Record<string, unknown> | undefined;

  private constructor(private readonly server: Server) {}

  static async open(port: number): Promise<FakeConsumerStore> {
    const server = createServer(await makeIdentity());
    const store = new FakeConsumerStore(server);
    server.on('request', (incoming, outgoing) => {
      let text = '';
      incoming.on('data', (piece: Buffer) => (text += piece.toString()));
      incoming.on('end', () => {
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(JSON.stringify(store.answer(JSON.parse(text) as Record<string, unknown>)));
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return store;
  }

  readRequest(): object {
    return {
      redlinkMsgId: this.confirmed?.['redlinkMsgId'],
      notifyPath: Buffer.from('[]', 'utf16le').toString('base64'),
      redlinkProducerId: this.confirmed?.['redlinkProducerId'],
      consumerId: 'c1',
      consumerService: 'svc',
      consumerStoreName: 'mesh0:S9',
      readDelay: 1,
      enm: '10',
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(body: Record<string, unknown>): object {
    switch (body['notifyType']) {
      case 'producerNotification':
        return {
          action: 'offer',
          consumerId: 'c1',
          redlinkMsgId: body['redlinkMsgId'],
          redlinkProducerId: body['redlinkProducerId'],
          enm: 0,
          notifyPath: body['notifyPath'],
          consumerStore: 'mesh0:S9',
          status: 200,
        };
      case 'confirmNotification':
        this.confirmed = body;
        return {
          action: 'confirmed',
          consumerId: 'c1',
          enm: '10',
          service: 'svc',
          storeName: 'mesh0:S9',
          status: 200,
        };
      default:
        return { action: 'consumerRegistration', status: 200 };
    }
  }
}
