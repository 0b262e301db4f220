import { CertificateMembership } from '../../src/security/certificate-membership.js';
import { KeyMembership } from '../../src/security/key-membership.js';
import type { Membership } from '../../src/security/membership.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import { refused } from '../../src/security/refusal.js';
import { meshOf } from '../../src/security/store-names.js';
import type { Log } from '../../src/support/log.js';
import type { TlsIdentity } from '../../src/transport/https/certificate.js';
import type { HttpsSecurity } from '../../src/transport/https/transport.js';
import type { OwnName } from '../../src/transport/wire-peers.js';
import { MeshCertificate } from './mesh-certificate.js';
import type { MeshProof, SecurityChoice } from './security-config.js';

/** What a store's choice of security means to its parts and to its status. */
export class StoreSecurity {
  readonly notices: PeerNotices;
  readonly certificate: MeshCertificate | undefined;
  readonly membership: Membership | undefined;

  /** @param changed called when a status may have something else to say */
  constructor(
    readonly choice: SecurityChoice,
    private readonly storeName: string,
    log: Log,
    changed: () => void,
  ) {
    this.notices = new PeerNotices(log, changed);
    const proof = choice.mode === 'mesh' ? choice.proof : undefined;
    this.membership = proof && membershipBy(proof, storeName);
    this.certificate =
      proof?.kind === 'certificate' ? new MeshCertificate(proof.source, storeName, log, changed) : undefined;
  }

  /** False for a store in mesh mode that cannot prove yet that it belongs: it serves its own process alone. */
  get hasNetwork(): boolean {
    return this.choice.mode === 'legacy' || this.membership !== undefined;
  }

  get https(): HttpsSecurity {
    const { membership, notices, storeName } = this;
    return membership === undefined
      ? { mode: 'legacy', storeName, notices }
      : { mode: 'mesh', membership, notices };
  }

  /** Key and certificate that the store shows; undefined: its own or a made one, as configured. */
  async identity(): Promise<TlsIdentity | undefined> {
    return this.certificate?.load();
  }

  /** How the store is known to others of its process: no proof is needed, the rule of mesh names holds. */
  get own(): OwnName {
    return {
      storeName: this.storeName,
      mustLink: (other) => {
        if (this.choice.mode === 'mesh') this.mustBeOfOwnMesh(other);
      },
    };
  }

  /** A store of this process asks. @throws RedlinkError `OTHER_MESH` */
  admit(asking: string | undefined): void {
    if (this.choice.mode !== 'mesh' || asking === undefined) return;
    try {
      this.mustBeOfOwnMesh(asking);
    } catch (thrown) {
      this.notices.refused(asking, refused('OTHER_MESH'), performance.now());
      throw thrown;
    }
  }

  private mustBeOfOwnMesh(other: string): void {
    if (meshOf(other) !== meshOf(this.storeName))
      throw refused('OTHER_MESH', `${this.storeName} and ${other}`);
  }
}

function membershipBy(proof: MeshProof, storeName: string): Membership {
  return proof.kind === 'key'
    ? new KeyMembership(storeName, proof.keys)
    : new CertificateMembership(storeName);
}
