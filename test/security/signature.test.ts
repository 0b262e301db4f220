import assert from 'node:assert/strict';
import { KeyRing, makeMeshKey, parseMeshKey } from '../../src/security/mesh-key.js';
import { RequestSigner, RequestVerifier } from '../../src/security/request-signing.js';
import { seal, unseal } from '../../src/security/sealed-body.js';

const NOW = 1_700_000_000_000;
const key = parseMeshKey(makeMeshKey());
const ring = new KeyRing(key);
const POST = { method: 'POST', path: '/notify' };

function signed(at = NOW, audience = 'mesh0:far'): string {
  const signer = new RequestSigner('mesh0:nah ü', ring);
  return signer.sign({ ...POST, audience, body: 'body' }, key.id, at).header;
}

describe('the signature of a request', () => {
  const request = { ...POST, sender: 'mesh0:nah ü', machine: '10.0.0.1' };

  it('is good once', () => {
    const verifier = new RequestVerifier('mesh0:far', ring);
    const header = signed();
    verifier.verify(header, request, NOW);
    assert.throws(() => verifier.verify(header, request, NOW), { code: 'REPLAYED' });
  });

  it('is good in any order', () => {
    const verifier = new RequestVerifier('mesh0:far', ring);
    const signer = new RequestSigner('mesh0:near', ring);
    const outgoing = { ...POST, audience: 'mesh0:far', body: 'b' };
    const headers = Array.from({ length: 50 }, () => signer.sign(outgoing, key.id, NOW).header);
    for (const header of headers.reverse())
      verifier.verify(header, { ...POST, sender: 'mesh0:near', machine: '10.0.0.1' }, NOW);
    for (const header of headers) {
      assert.throws(
        () => verifier.verify(header, { ...POST, sender: 'mesh0:near', machine: '10.0.0.1' }, NOW),
        {
          code: 'REPLAYED',
        },
      );
    }
  });

  it('is good for a minute, before and after', () => {
    const verifier = new RequestVerifier('mesh0:far', ring);
    verifier.verify(signed(NOW - 60_000), request, NOW);
    verifier.verify(signed(NOW + 60_000), request, NOW);
    assert.throws(() => verifier.verify(signed(NOW - 60_001), request, NOW), { code: 'CLOCK_SKEW' });
    assert.throws(() => verifier.verify(signed(NOW + 60_001), request, NOW), { code: 'CLOCK_SKEW' });
  });

  it('covers the path, the method, the two stores and every part of the header', () => {
    const verifier = new RequestVerifier('mesh0:far', ring);
    const bad = (header: string | undefined, what: object, code: string): void => {
      assert.throws(() => verifier.verify(header, { ...request, ...what }, NOW), { code });
    };
    bad(signed(), { path: '/read-message' }, 'BAD_SIGNATURE');
    bad(signed(), { method: 'PUT' }, 'BAD_SIGNATURE');
    bad(signed(), { sender: 'mesh0:other' }, 'BAD_SIGNATURE');
    bad(signed(NOW, 'mesh0:elsewhere'), {}, 'WRONG_AUDIENCE');
    bad(undefined, {}, 'NOT_SIGNED');
    bad('Basic abc', {}, 'NOT_SIGNED');
    bad('Redlink-Signature key="%"', {}, 'NOT_SIGNED');
    bad(signed().replace(key.id, 'AAAAAAAA'), {}, 'MESH_KEY_UNKNOWN');
    for (const name of ['sender', 'audience', 'time', 'nonce', 'body', 'mac']) {
      const first = new RegExp(`(${name}=")(.)`);
      const changed = signed().replace(
        first,
        (_, before: string, was: string) => before + (was === 'x' ? 'y' : 'x'),
      );
      bad(changed, {}, 'BAD_SIGNATURE');
    }
  });
});

describe('a sealed body', () => {
  async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array, undefined> {
    for (const text of texts) yield Buffer.from(text);
    return undefined;
  }
  async function all(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    return Buffer.concat(parts);
  }
  async function* inBytes(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, undefined> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    return undefined;
  }

  it('comes out as it went in, whatever the pieces', async () => {
    const sealed = await all(seal(pieces('one ', '', 'two'), key, 'n.1'));
    for (const size of [1, 7, 32, 33, 1_000]) {
      assert.equal((await all(unseal(inBytes(sealed, size), key, 'n.1'))).toString(), 'one two');
    }
    assert.equal((await all(unseal(inBytes(await all(seal(pieces(), key, 'n')), 5), key, 'n'))).length, 0);
  });

  it('does not end where a byte was changed, left out or added, or for another request', async () => {
    const sealed = await all(seal(pieces('a body'), key, 'n.1'));
    const changed = Buffer.from(sealed);
    changed[2] = (changed[2] ?? 0) ^ 1;
    for (const bytes of [
      changed,
      sealed.subarray(0, -1),
      Buffer.concat([sealed, Buffer.from('x')]),
      Buffer.alloc(3),
    ]) {
      await assert.rejects(all(unseal(inBytes(bytes, 8), key, 'n.1')), { code: 'BAD_SIGNATURE' });
    }
    await assert.rejects(all(unseal(inBytes(sealed, 8), key, 'n.2')), { code: 'BAD_SIGNATURE' });
  });

  it('closes its source, begun or not', async () => {
    let closed = 0;
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: Buffer.from('x') }),
        return: async () => {
          closed += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    await seal(source, key, 'n')[Symbol.asyncIterator]().return?.();
    for await (const chunk of unseal(source, key, 'n')) if (chunk.length >= 0) break;
    assert.equal(closed, 2);
  });
});
