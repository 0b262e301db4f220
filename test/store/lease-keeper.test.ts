import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine.js';
import type { RenewAnswer } from '../../src/protocol/verbs.js';
import { LeaseKeeper, RENEW_EVERY_MS } from '../../src/store/lease-keeper.js';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { VirtualClock } from '../simulation/virtual-clock.js';

const HERE = 'mesh0:S2';

describe('a store that has messages of others', () => {
  let clock: VirtualClock;
  let engine: Engine;
  let keeper: LeaseKeeper;
  let said: string[];
  let lost: string[];
  let answer: () => Promise<RenewAnswer>;

  const hold = (messageId: string, token = 't1', sourceStore = 'mesh0:S1'): void => {
    engine.notifies.insert({
      messageId,
      service: 'svc',
      consumerId: 'c1',
      producerId: 'p1',
      sourceStore,
      sourceHost: '10.0.0.1',
      sourcePort: '2000',
      path: JSON.stringify([sourceStore]),
      sequence: 1,
      notifiedAt: 0,
      notifiedEpochMs: 0,
      reversePath: true,
      sendOnly: false,
      token,
      replyBy: Infinity,
      state: 'read',
      notifyCount: 1,
    });
  };

  beforeEach(() => {
    clock = new VirtualClock();
    engine = new Engine(SILENT_LOG);
    said = [];
    lost = [];
    answer = async () => ({ kind: 'renewed', stale: [] });
    const wayHome = {
      renew: (_row: unknown, { held }: { held: readonly { messageId: string }[] }): Promise<RenewAnswer> => {
        said.push(held.map(({ messageId }) => messageId).join(' '));
        return answer();
      },
    };
    keeper = new LeaseKeeper(HERE, engine, wayHome, clock, SILENT_LOG, (id) => void lost.push(id));
  });
  afterEach(() => {
    keeper.close();
    engine.close();
  });

  it('says so every few seconds, once for all that came the same way, and not after the last has gone', async () => {
    hold('m1');
    hold('m2');
    hold('m3', 't1', 'mesh0:S3');
    await clock.advance(2 * RENEW_EVERY_MS);
    assert.deepEqual(said, ['m1 m2', 'm3', 'm1 m2', 'm3']);
    for (const id of ['m1', 'm2', 'm3']) engine.notifies.remove(id);
    await clock.advance(2 * RENEW_EVERY_MS);
    assert.equal(said.length, 4);
    assert.equal(clock.pending, 0);
  });

  it('says nothing of its own messages, nor of those of 3.0.5 stores', async () => {
    hold('m1', 't1', HERE);
    hold('m2', '');
    await clock.advance(2 * RENEW_EVERY_MS);
    assert.deepEqual(said, []);
  });

  it('says it again soon where it was not heard', async () => {
    hold('m1');
    answer = () => Promise.reject(new RedlinkError('PEER_UNREACHABLE', 'not there'));
    await clock.advance(RENEW_EVERY_MS);
    answer = async () => ({ kind: 'renewed', stale: [] });
    await clock.advance(1_000);
    assert.deepEqual(said, ['m1', 'm1']);
    assert.deepEqual(lost, []);
  });

  it('gives up what is no longer its own, but not what was given to it anew meanwhile', async () => {
    hold('m1');
    hold('m2');
    answer = async () => {
      engine.notifies.remove('m2');
      hold('m2', 't2');
      return { kind: 'renewed', stale: ['m1', 'm2', 'm9'] };
    };
    await clock.advance(RENEW_EVERY_MS);
    assert.deepEqual(lost, ['m1']);
  });

  it('says nothing after it has closed', async () => {
    hold('m1');
    keeper.close();
    await clock.advance(2 * RENEW_EVERY_MS);
    assert.deepEqual(said, []);
    assert.equal(clock.pending, 0);
  });
});
