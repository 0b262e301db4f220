import { X509Certificate } from 'node:crypto';
import { certificateNames } from '../../src/security/store-names.js';
import { describe, RedlinkError } from '../../src/support/errors.js';
import type { Log } from '../../src/support/log.js';
import { givenIdentity, type TlsIdentity } from '../../src/transport/https/certificate.js';
import type { TlsSource } from './tls-source.js';

/** How often the files are looked at, ms: a renewed certificate is in use before anybody wonders. */
const LOOK_INTERVAL_MS = 2_000;

/** A certificate that ends within so many days is shown and warned of: time to have a new one signed. */
const WARN_DAYS = 30;

const MS_PER_DAY = 86_400_000;

/** The certificate by which a store proves itself: read, checked, and read again when its files change. */
export class MeshCertificate {
  private timer: NodeJS.Timeout | undefined;
  private validTo = Infinity;
  private shownDays: number | undefined;

  /** @param changed called when {@link notice} has changed */
  constructor(
    private readonly source: TlsSource,
    private readonly storeName: string,
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  /** @throws RedlinkError `BAD_CONFIGURATION` where it is none that this store could prove itself with */
  async load(): Promise<TlsIdentity> {
    const identity = givenIdentity(await this.source.read());
    const certificate = new X509Certificate(identity.cert);
    if (!certificateNames(certificate.subjectAltName, this.storeName)) {
      throw new RedlinkError('BAD_CONFIGURATION', `the certificate does not name ${this.storeName}`);
    }
    this.validTo = Date.parse(certificate.validTo);
    this.noteExpiry();
    return identity;
  }

  /** Calls `renewed` each time that the files hold another good certificate. */
  async watch(renewed: (identity: TlsIdentity) => void): Promise<void> {
    let seen = await this.source.version();
    const look = async (): Promise<void> => {
      this.noteExpiry();
      const now = await this.source.version();
      if (now === seen) return;
      try {
        renewed(await this.load());
        this.log.info('the certificate was renewed');
        seen = now;
      } catch (thrown) {
        // Perhaps only one of the files is there yet. The present certificate stays; the next look tries again.
        this.log.warn(`the new certificate cannot be used yet: ${describe(thrown)}`);
      }
    };
    this.timer = setInterval(() => void look(), LOOK_INTERVAL_MS);
    this.timer.unref();
  }

  /** What a status says of it; undefined while there is nothing to worry about. */
  get notice(): string | undefined {
    const days = this.daysLeft;
    if (days > WARN_DAYS) return undefined;
    return days < 0 ? 'certificate has expired' : `certificate expires in ${days} days`;
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Whole days until the certificate expires; below 0 where it has. */
  get daysLeft(): number {
    return Math.floor((this.validTo - Date.now()) / MS_PER_DAY);
  }

  /** Once a day, while it is near. */
  private noteExpiry(): void {
    const days = this.daysLeft;
    if (this.shownDays === days) return;
    this.shownDays = days;
    if (this.notice !== undefined) this.log.warn(`${this.storeName}: ${this.notice}`);
    this.changed();
  }
}
