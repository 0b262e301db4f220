import { RedlinkError } from '../support/errors.js';
import type { Clock } from '../support/clock.js';
import { addressKey, type Address } from '../protocol/address.js';
import type { ArrivingResponse, WireRequest } from '../protocol/wire.js';
import { Exchange, type Station } from './memory-exchange.js';
import { NO_FAULTS, type Faults } from './memory-faults.js';
import type { CallLimits, Listener, ListenOptions, Serve, Transport } from './port.js';

export { NO_FAULTS } from './memory-faults.js';
export type { Fate, Faults, Passage, Repeat } from './memory-faults.js';

/** First of the ports given out for port 0: where IANA's dynamic range begins (RFC 6335). */
const FIRST_FREE_PORT = 49_152;

/**
 * A network inside one process, on a virtual clock: for simulations of many stores. Deterministic: what
 * happens depends on the calls, the clock and the {@link Faults} alone.
 */
export class MemoryNetwork {
  private readonly stations = new Map<string, Station>();
  private nextFreePort = FIRST_FREE_PORT;

  constructor(
    private readonly clock: Clock,
    private readonly faults: Faults = NO_FAULTS,
  ) {}

  /**
   * An end point of this network.
   * @param name tells senders apart in `Passage.from`.
   * @param ip what others see as `remoteIp`.
   */
  transport(name: string, ip = '127.0.0.1'): Transport {
    const calls = new Set<Exchange>();
    let closed = false;
    return {
      listen: async (options, serve) => this.listen(options, serve),
      post: async (to, request, limits) => {
        if (closed) throw closedError();
        return this.post({ name, ip, calls }, to, request, limits);
      },
      close: async () => {
        closed = true;
        for (const exchange of [...calls]) exchange.cut(closedError());
      },
    };
  }

  private listen(options: ListenOptions, serve: Serve): Listener & { readonly port: string } {
    const { host } = options.address;
    const port = options.address.port === '0' ? String(this.nextFreePort++) : options.address.port;
    const key = addressKey({ host, port });
    if (this.stations.has(key)) throw new RedlinkError('LISTEN_FAILED', `port ${port} is in use`);
    const station: Station = { serve, exchanges: new Set() };
    this.stations.set(key, station);
    return {
      port,
      close: async () => {
        if (this.stations.get(key) === station) this.stations.delete(key);
        for (const exchange of [...station.exchanges]) {
          exchange.cut(new RedlinkError('PEER_UNREACHABLE', `${key} closed`));
        }
      },
    };
  }

  private async post(
    from: Caller,
    to: Address,
    request: WireRequest,
    limits: CallLimits,
  ): Promise<ArrivingResponse> {
    const exchange = new Exchange({
      clock: this.clock,
      find: (address) => this.stations.get(addressKey(address)),
      to,
      request,
      limits,
      fate: this.faults.fate({ from: from.name, to, path: request.path }),
      remoteIp: from.ip,
    });
    from.calls.add(exchange);
    exchange.onEnd(() => from.calls.delete(exchange));
    return exchange.run();
  }
}

interface Caller {
  readonly name: string;
  readonly ip: string;
  readonly calls: Set<Exchange>;
}

function closedError(): RedlinkError {
  return new RedlinkError('CLOSED', 'this store is closed');
}
