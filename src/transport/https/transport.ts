import type { Address } from '../../protocol/address.js';
import type { Membership } from '../../security/membership.js';
import { PeerNotices } from '../../security/peer-notices.js';
import type { ArrivingResponse, WireRequest } from '../../protocol/wire.js';
import type { Log } from '../../support/log.js';
import type { CallLimits, ListenOptions, Serve, ToldOfCut, Transport } from '../port.js';
import { givenIdentity, ownIdentity, type CertificateKeeper, type TlsIdentity } from './certificate.js';
import { HttpsClient } from './client.js';
import { LegacyGate, MeshGate, type Gate } from './gate.js';
import { DEFAULT_LIMITS, type HttpsLimits } from './limits.js';
import { MeshCaller } from './mesh-caller.js';
import type { MeshSide } from './peer.js';
import type { Environment } from './proxy.js';
import { openServer, type HttpsListener } from './server.js';

export interface HttpsOptions {
  /** A private key and certificate in PEM, as pasted; or `auto`: one made by the store and kept by the keeper. */
  readonly tls: TlsIdentity | 'auto';
  /** Whether it may listen on addresses that are neither loopback nor private: true where missing. */
  readonly allowPublic?: boolean;
  /** Who may speak to the store, and how it proves itself to others. Without it: everybody, and not at all. */
  readonly security?: HttpsSecurity;
  /** Keeps a made certificate over restarts. Without it each start makes another. */
  readonly keeper?: CertificateKeeper;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up: `process.env`. */
  readonly env: Environment;
  readonly log: Log;
  /** Differences from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<HttpsLimits>;
}

/** The mode of a store (SECURITY.md), and who is told of peers that do not fit. */
export type HttpsSecurity =
  | { readonly mode: 'legacy'; readonly storeName: string; readonly notices: PeerNotices }
  | { readonly mode: 'mesh'; readonly membership: Membership; readonly notices: PeerNotices };

/** Stores over HTTPS: HTTP/1.1 on kept connections. Its libraries are loaded with the first use. */
export class HttpsTransport implements Transport {
  private readonly limits: HttpsLimits;
  private readonly security: HttpsSecurity;
  private readonly mesh: MeshSide | undefined;
  private readonly client: HttpsClient;
  private readonly listeners = new Set<HttpsListener>();

  constructor(private readonly options: HttpsOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.security = options.security ?? {
      mode: 'legacy',
      storeName: '',
      notices: new PeerNotices(options.log),
    };
    this.mesh = this.meshOf(options);
    this.client = new HttpsClient(options.env, this.limits, this.mesh);
  }

  /** @throws RedlinkError `LISTEN_FAILED`; `BAD_CONFIGURATION` where key or certificate cannot be read. */
  async listen(options: ListenOptions, serve: Serve): Promise<HttpsListener> {
    const { keeper, log, tls } = this.options;
    const identity = tls === 'auto' ? await ownIdentity(keeper, log) : givenIdentity(tls);
    const { host, port } = options.address;
    const gate = gateFor(this.security);
    const { limits } = this;
    const { allowPublic = true } = this.options;
    const listener = await openServer({ host, port, identity, gate, limits, log, allowPublic }, serve);
    this.listeners.add(listener);
    return {
      port: listener.port,
      setIdentity: (renewed) => {
        listener.setIdentity(renewed);
      },
      close: async () => {
        this.listeners.delete(listener);
        await listener.close();
      },
    };
  }

  async post(to: Address, request: WireRequest, limits: CallLimits): Promise<ArrivingResponse> {
    return this.client.post(to, request, limits);
  }

  onCut(told: ToldOfCut): void {
    this.client.onCut(told);
  }

  /** Shows another certificate from now on, as server and as client. Open connections stay as they are. */
  renew(identity: TlsIdentity): void {
    for (const listener of this.listeners) listener.setIdentity(identity);
    if (this.mesh !== undefined) this.client.renew({ ...this.mesh, identity });
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private meshOf({ tls }: HttpsOptions): MeshSide | undefined {
    const { security } = this;
    if (security.mode === 'legacy') return undefined;
    const caller = new MeshCaller(security.membership, security.notices, this.limits.maxPeers);
    // A made certificate says nothing of a client; one that an authority signed does.
    return { caller, identity: tls === 'auto' || tls.ca === undefined ? undefined : givenIdentity(tls) };
  }
}

function gateFor(security: HttpsSecurity): Gate {
  return security.mode === 'mesh'
    ? new MeshGate(security.membership, security.notices)
    : new LegacyGate(security.storeName, security.notices);
}
