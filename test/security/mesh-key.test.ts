import assert from 'node:assert/strict';
import { KeyRing, makeMeshKey, parseMeshKey } from '../../src/security/mesh-key.js';

describe('a mesh key', () => {
  it('is 32 bytes of chance in base64url, each time others', () => {
    const [one, other] = [makeMeshKey(), makeMeshKey()];
    assert.match(one, /^[A-Za-z0-9_-]{43}$/);
    assert.notEqual(one, other);
  });

  it('has an id that is the same everywhere and gives nothing of it away', () => {
    const text = makeMeshKey();
    assert.equal(parseMeshKey(text).id, parseMeshKey(` ${text}= `).id);
    assert.doesNotMatch(text, new RegExp(parseMeshKey(text).id));
  });

  it('is refused where it is none, without repeating it', () => {
    for (const text of ['', 'short', makeMeshKey().slice(1), `${makeMeshKey()}A`, 'ü'.repeat(43)]) {
      assert.throws(
        () => parseMeshKey(text),
        (error: Error) => text === '' || !error.message.includes(text),
      );
    }
  });

  it('stays valid as the former one while another takes its place', () => {
    const [next, former] = [parseMeshKey(makeMeshKey()), parseMeshKey(makeMeshKey())];
    const ring = new KeyRing(next, former);
    assert.equal(ring.find(former.id), former);
    assert.equal(ring.isFormer(former), true);
    assert.equal(ring.isFormer(next), false);
    assert.equal(new KeyRing(next).find(former.id), undefined);
  });
});
