import type { Address } from '../../protocol/address.js';
import type { ArrivingResponse, WireRequest } from '../../protocol/wire.js';
import type { Log } from '../../support/log.js';
import type { CallLimits, ListenOptions, Serve, Transport } from '../port.js';
import { givenIdentity, ownIdentity, type CertificateKeeper, type TlsIdentity } from './certificate.js';
import { HttpsClient } from './client.js';
import { DEFAULT_LIMITS, type HttpsLimits } from './limits.js';
import type { Environment } from './proxy.js';
import { openServer, type HttpsListener } from './server.js';

export interface HttpsOptions {
  /** A private key and certificate in PEM, as pasted; or `auto`: one made by the store and kept by the keeper. */
  readonly tls: TlsIdentity | 'auto';
  /** Keeps a made certificate over restarts. Without it each start makes another. */
  readonly keeper?: CertificateKeeper;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up: `process.env`. */
  readonly env: Environment;
  readonly log: Log;
  /** Differences from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<HttpsLimits>;
}

/** Stores over HTTPS: HTTP/1.1 on kept connections. Its libraries are loaded with the first use. */
export class HttpsTransport implements Transport {
  private readonly limits: HttpsLimits;
  private readonly client: HttpsClient;

  constructor(private readonly options: HttpsOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.client = new HttpsClient(options.env, this.limits);
  }

  /** @throws RedlinkError `LISTEN_FAILED`; `BAD_CONFIGURATION` where key or certificate cannot be read. */
  async listen(options: ListenOptions, serve: Serve): Promise<HttpsListener> {
    const { keeper, log, tls } = this.options;
    const identity = tls === 'auto' ? await ownIdentity(keeper, log) : givenIdentity(tls);
    const { host, port } = options.address;
    return openServer({ host, port, identity, limits: this.limits, log }, serve);
  }

  async post(to: Address, request: WireRequest, limits: CallLimits): Promise<ArrivingResponse> {
    return this.client.post(to, request, limits);
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
