import { readAuthHeader, writeAuthHeader } from './auth-header.js';
import { mustBeNow } from './clock-tolerance.js';
import {
  PROOF_VERSION,
  type Channel,
  type Membership,
  type ProvenPeer,
  type Received,
} from './membership.js';
import { refused } from './refusal.js';
import { certificateNames, meshOf } from './store-names.js';

const HELLO = 'Redlink-Name';
const WELCOME = 'Redlink-Name';

/**
 * Proves membership by certificates of the organisation's authority: TLS has checked that each side owns the
 * certificate that it shows; here each side says its name, which must stand in it.
 */
export class CertificateMembership implements Membership {
  readonly hasFormer = false;
  readonly keys = undefined;

  constructor(readonly storeName: string) {}

  hello(_channel: Channel, _nonce: string, now: number): string {
    return writeAuthHeader(HELLO, { version: PROOF_VERSION, sender: this.storeName, time: String(now) });
  }

  receive(hello: string | undefined, channel: Channel, now: number): Received {
    const said = readAuthHeader(HELLO, hello);
    mustBeTrusted(channel);
    const sender = said?.['sender'];
    if (sender === undefined) throw refused('NOT_SIGNED');
    mustBeNow(said?.['time'], now);
    return { peer: this.named(sender, channel), welcome: this.welcome() };
  }

  accept(welcome: string | undefined, _hello: string, channel: Channel): ProvenPeer {
    mustBeTrusted(channel);
    const sender = readAuthHeader(WELCOME, welcome)?.['sender'];
    if (sender === undefined) throw refused('PEER_IS_LEGACY');
    return this.named(sender, channel);
  }

  private welcome(): string {
    return writeAuthHeader(WELCOME, { version: PROOF_VERSION, sender: this.storeName });
  }

  private named(storeName: string, channel: Channel): ProvenPeer {
    if (!certificateNames(channel.peerCertificate?.alternativeNames, storeName)) {
      throw refused('NAME_NOT_PROVEN', storeName);
    }
    if (meshOf(storeName) !== meshOf(this.storeName)) {
      throw refused('OTHER_MESH', `${this.storeName} and ${storeName}`);
    }
    return { storeName, fingerprint: channel.fingerprint, keyId: undefined, usesFormerKey: false };
  }
}

function mustBeTrusted({ peerCertificate }: Channel): void {
  if (peerCertificate === undefined) throw refused('CERTIFICATE_REQUIRED');
  if (!peerCertificate.trusted) throw refused('CERTIFICATE_UNTRUSTED');
}
