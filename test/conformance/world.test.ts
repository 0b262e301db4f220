import assert from 'node:assert/strict';
import { decode, encode } from './codec.js';
import { World } from './world.js';

const OUR_PORT = 40_001;

function world(): World {
  const made = new World('t1');
  made.bindPort('41145', OUR_PORT);
  made.bindNode('consumer2');
  made.follow('85046cb11cd529c1', { redlinkMsgId: '0192b0a0-1111-7000-8000-000000000001' });
  return made;
}

describe('the translation between a recording and its scene', () => {
  it('keeps the type of a port', () => {
    assert.deepEqual(world().toOurs({ a: '41145', b: 41145 }), { a: '40001', b: OUR_PORT });
  });

  it('translates names inside longer texts, and nothing that merely contains them', () => {
    const msg = 'Reply received for 85046cb11cd529c1 at mesh0:S1, 127.0.0.1:41145, not consumer22';
    const ours =
      'Reply received for 0192b0a0-1111-7000-8000-000000000001 at mesh0t1:S1, 127.0.0.1:40001, not consumer22';
    assert.equal(world().toOurs(msg), ours);
  });

  it('translates what is in codec form, and leaves it in that form', () => {
    const path = encode([{ store: 'mesh0:S1', port: '41145' }]) ?? null;
    assert.deepEqual(decode(world().toOurs(path)), [{ store: 'mesh0t1:S1', port: '40001' }]);
  });

  it('goes back to where it came from', () => {
    const recorded = {
      id: 'consumer2',
      path: encode(['85046cb11cd529c1', 41145]) ?? null,
      n: [1, null, true],
    };
    assert.deepEqual(world().toRecorded(world().toOurs(recorded)), recorded);
  });
});
