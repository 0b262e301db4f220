import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CertificateKeeper, TlsIdentity } from '../../src/transport/https/certificate.js';
import { isRecord } from './values.js';

/** Only the user that Node-RED runs as may read a private key. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Keeps the certificate that a store made for itself in a file of its own folder. */
export class CertificateFile implements CertificateKeeper {
  constructor(private readonly path: string) {}

  async load(): Promise<TlsIdentity | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    const kept: unknown = JSON.parse(text);
    if (!isRecord(kept) || typeof kept['key'] !== 'string' || typeof kept['cert'] !== 'string') {
      throw new Error(`${this.path} does not hold a key and a certificate`);
    }
    return { key: kept['key'], cert: kept['cert'] };
  }

  /** Written aside and renamed, so that a crash never leaves half a key. */
  async save(identity: TlsIdentity): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: FOLDER_MODE });
    const partial = `${this.path}.${process.pid}`;
    await writeFile(partial, JSON.stringify(identity), { mode: FILE_MODE });
    await rename(partial, this.path);
  }
}
