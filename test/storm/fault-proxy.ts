/** Stands at the address that a store tells others, and leads each who comes over the link from him to the store. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { FaultLink } from './fault-link.js';

const PROXY_HOST = '127.0.0.1';

export class FaultProxy {
  private readonly server: Server;
  private readonly open = new Set<Socket>();

  /** @param linkFrom by the address of who comes */
  constructor(
    private readonly store: { readonly host: string; readonly port: number },
    private readonly linkFrom: (address: string) => FaultLink | undefined,
  ) {
    this.server = createServer((asking) => {
      this.lead(asking);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.store.port, PROXY_HOST, resolve);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private lead(asking: Socket): void {
    const from = asking.remoteAddress ?? '';
    const link = this.linkFrom(from);
    if (link === undefined) {
      asking.destroy();
      return;
    }
    const asked = connect({ ...this.store, localAddress: from });
    for (const socket of [asking, asked]) {
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
    }
    link.join(asking, asked);
  }
}
