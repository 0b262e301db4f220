import { readAuthHeader, writeAuthHeader, type AuthParameters } from './auth-header.js';
import { mustBeNow } from './clock-tolerance.js';
import { macOf, sameMac } from './mac.js';
import type { Channel, Membership, ProvenPeer, Received } from './membership.js';
import { PROOF_VERSION } from './membership.js';
import type { KeyRing, MeshKey } from './mesh-key.js';
import { refused } from './refusal.js';
import { meshOf } from './store-names.js';

const HELLO = 'Redlink-Hello';
const WELCOME = 'Redlink-Welcome';

/**
 * Proves membership by the mesh key. Each side's code covers the secret of the very TLS connection and the
 * certificate in use, so that it is worth nothing on any other connection: who stands between without the
 * key can pass the words on, and is found out by them.
 */
export class KeyMembership implements Membership {
  constructor(
    readonly storeName: string,
    readonly keys: KeyRing,
  ) {}

  get hasFormer(): boolean {
    return this.keys.former !== undefined;
  }

  hello(channel: Channel, nonce: string, now: number, former: boolean): string {
    const key = (former ? this.keys.former : undefined) ?? this.keys.current;
    const said = { sender: this.storeName, time: String(now), nonce, fingerprint: channel.fingerprint };
    return writeAuthHeader(HELLO, {
      key: key.id,
      version: PROOF_VERSION,
      ...said,
      mac: helloMac(key, said, channel),
    });
  }

  receive(hello: string | undefined, channel: Channel, now: number): Received {
    const said = readAuthHeader(HELLO, hello);
    const sender = said?.['sender'];
    if (said === undefined || sender === undefined) throw refused('NOT_SIGNED');
    const key = this.keys.find(said['key'] ?? '');
    if (key === undefined) throw refused('MESH_KEY_UNKNOWN');
    if (!sameMac(said['mac'] ?? '', helloMac(key, said, channel))) throw refused('CERTIFICATE_MISMATCH');
    mustBeNow(said['time'], now);
    this.mustBeOfOwnMesh(sender);
    const usesFormerKey = this.keys.isFormer(key);
    const answer = { sender: this.storeName, former: String(usesFormerKey) };
    const welcome = writeAuthHeader(WELCOME, {
      version: PROOF_VERSION,
      ...answer,
      mac: welcomeMac(key, answer, said['mac'] ?? '', channel),
    });
    return { welcome, peer: this.peer(sender, key, channel, usesFormerKey) };
  }

  accept(welcome: string | undefined, hello: string, channel: Channel): ProvenPeer {
    const [said, own] = [readAuthHeader(WELCOME, welcome), readAuthHeader(HELLO, hello)];
    const key = this.keys.find(own?.['key'] ?? '');
    const sender = said?.['sender'];
    if (said === undefined || sender === undefined || key === undefined) throw refused('PEER_IS_LEGACY');
    const right = welcomeMac(key, said, own?.['mac'] ?? '', channel);
    if (!sameMac(said['mac'] ?? '', right)) throw refused('CERTIFICATE_MISMATCH');
    this.mustBeOfOwnMesh(sender);
    return this.peer(sender, key, channel, said['former'] === 'true' || this.keys.isFormer(key));
  }

  private mustBeOfOwnMesh(peerName: string): void {
    if (meshOf(peerName) === meshOf(this.storeName)) return;
    throw refused('OTHER_MESH', `${this.storeName} and ${peerName}`);
  }

  private peer(storeName: string, key: MeshKey, channel: Channel, usesFormerKey: boolean): ProvenPeer {
    return { storeName, fingerprint: channel.fingerprint, keyId: key.id, usesFormerKey };
  }
}

function helloMac(key: MeshKey, said: AuthParameters, channel: Channel): string {
  const { sender = '', time = '', nonce = '' } = said;
  return macOf(key, 'redlink hello 1', [channel.exporter, channel.fingerprint, sender, time, nonce]);
}

/** Covers the hello's code, and with it the hello's nonce. */
function welcomeMac(key: MeshKey, said: AuthParameters, ofHello: string, channel: Channel): string {
  const { sender = '', former = '' } = said;
  return macOf(key, 'redlink welcome 1', [channel.exporter, channel.fingerprint, sender, former, ofHello]);
}
