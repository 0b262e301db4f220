import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import { Neighbours } from '../../src/mesh/neighbours.js';
import { Routes } from '../../src/mesh/routes.js';
import { WayBack } from '../../src/mesh/way-back.js';
import type { Address } from '../../src/protocol/address.js';
import { WayHome } from '../../src/store/way-home.js';
import { AddressRanges } from '../../src/support/address-ranges.js';
import { RedlinkError } from '../../src/support/errors.js';
import { notifyRow } from '../engine/sample-rows.js';
import { VirtualClock } from '../simulation/virtual-clock.js';

const OWN = 'mesh0:own';
const RENEWAL = { consumerStore: OWN, held: [], lost: [] };

/** What DNS says of names; each look-up may say something else. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'inside.example': ['10.1.2.3'],
  'half.example': ['10.1.2.3', '203.0.113.9'],
  'outside.example': ['203.0.113.9'],
};

describe('the way straight to a producer’s store that is no neighbour', () => {
  const engine = new Engine();
  after(() => {
    engine.close();
  });

  /** Where a store was asked that answered an offer from this host: its own ranges are 10.0.0.0/8. */
  async function askedAt(host: string): Promise<Address[]> {
    const asked: Address[] = [];
    const resolver = { resolve: async (name: string) => [...(NAMES[name] ?? [])] };
    const neighbours = new Neighbours([], resolver);
    const stores = new Routes(engine.storeRoutes, OWN, new VirtualClock().forStore(0));
    const home = {
      read: () => assert.fail(),
      taken: () => assert.fail(),
      renew: () => assert.fail(),
      reply: () => assert.fail(),
    };
    const peers = {
      call: (to: Address) => {
        asked.push(to);
        return Promise.reject(new RedlinkError('PEER_UNREACHABLE', 'nobody is there'));
      },
      capabilities: () => undefined,
    };
    const wayBack = new WayBack(OWN, neighbours, stores);
    const ways = { wayBack, neighbours, peers, failures: { neighbourFailed: () => undefined } };
    const way = new WayHome(OWN, ways, home, new AddressRanges(['10.0.0.0/8']), resolver);
    const hop = (storeName: string, at: string) => ({
      storeName,
      address: { host: at, port: '9' },
      reversePath: false,
    });
    const path = JSON.stringify([hop('mesh0:source', host), hop(OWN, '10.0.0.1')]);
    const code = /^10\.|inside/.test(host) ? 'PEER_UNREACHABLE' : 'REFUSED_ADDRESS';
    await assert.rejects(way.renew(notifyRow({ messageId: 'm', path }), RENEWAL), { code });
    return asked;
  }

  it('is taken within the ranges allowed for the store, to the very address that was checked', async () => {
    assert.deepEqual(await askedAt('10.9.9.9'), [{ host: '10.9.9.9', port: '9' }]);
    assert.deepEqual(await askedAt('inside.example'), [{ host: '10.1.2.3', port: '9' }]);
  });

  for (const host of [
    '203.0.113.9',
    '127.0.0.1',
    '::1',
    'outside.example',
    'half.example',
    'nowhere.example',
  ]) {
    it(`is not taken to ${host}`, async () => {
      assert.deepEqual(await askedAt(host), []);
    });
  }
});
