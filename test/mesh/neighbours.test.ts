import assert from 'node:assert/strict';
import { MAX_SOUTH_PEERS, Neighbours } from '../../src/mesh/neighbours.js';

const NAMES: Record<string, string[]> = {
  'north.example': ['10.0.0.7'],
  hub: ['10.0.0.7'],
  here: ['127.0.1.1'],
};

function neighbours(...hosts: string[]): { peers: Neighbours; asked: string[] } {
  const asked: string[] = [];
  const resolver = {
    resolve: (host: string) => {
      asked.push(host);
      return Promise.resolve(NAMES[host] ?? []);
    },
  };
  const norths = hosts.map((host) => ({ address: { host, port: '2000' }, redistribute: false }));
  return { peers: new Neighbours(norths, resolver), asked };
}

describe('the neighbours of a store', () => {
  it('are found by the very address that is configured', () => {
    const { peers } = neighbours('north.example');
    assert.equal(peers.findNorth({ host: 'north.example', port: '2000' })?.key, 'north.example:2000');
    assert.equal(peers.findNorth({ host: 'north.example', port: '2001' }), undefined);
  });

  it('are the same under every name of the loopback', () => {
    const { peers } = neighbours('localhost');
    assert.equal(peers.findAny({ host: '127.0.0.1', port: '2000' })?.key, 'localhost:2000');
  });

  it('are recognised under another name of the same machine', async () => {
    const { peers } = neighbours('north.example');
    await peers.recognise({ host: 'hub', port: '2000' });
    assert.equal(peers.findAny({ host: 'hub', port: '2000' })?.key, 'north.example:2000');
  });

  it('are recognised by a host name of this machine where loopback is configured', async () => {
    const { peers } = neighbours('localhost');
    await peers.recognise({ host: 'here', port: '2000' });
    assert.equal(peers.findAny({ host: 'here', port: '2000' })?.key, 'localhost:2000');
  });

  it('are not recognised by an address that is another machine', async () => {
    const { peers } = neighbours('north.example');
    await peers.recognise({ host: '10.0.0.8', port: '2000' });
    assert.equal(peers.findAny({ host: '10.0.0.8', port: '2000' }), undefined);
  });

  it('are never asked for by name where no north has the port', async () => {
    const { peers, asked } = neighbours('north.example');
    await peers.recognise({ host: 'of.attackers.choice', port: '2999' });
    assert.deepEqual(asked, []);
  });

  it('have one link for each side that a peer is on', () => {
    const { peers } = neighbours('10.0.0.7');
    const added = peers.addSouth({ host: '10.0.0.7', port: '2000' });
    assert.ok(added);
    assert.deepEqual(
      peers.linksTo(added).map((link) => link.side),
      ['north', 'south'],
    );
  });

  it('in the south are one, however often they say that they are there', () => {
    const { peers } = neighbours();
    const first = peers.addSouth({ host: '10.0.0.9', port: '2000' });
    assert.ok(first);
    assert.equal(peers.addSouth({ host: '10.0.0.9', port: '2000' }), first);
  });

  it('in the south are bounded in number', () => {
    const { peers } = neighbours();
    for (let port = 0; port < MAX_SOUTH_PEERS; port += 1) {
      assert.ok(peers.addSouth({ host: '10.0.0.9', port: String(port) }));
    }
    assert.equal(peers.addSouth({ host: '10.0.0.9', port: 'one more' }), undefined);
    assert.equal(peers.addSouth({ host: '10.0.0.9', port: '0' })?.address.port, '0');
  });
});
