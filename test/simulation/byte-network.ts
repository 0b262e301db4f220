import { payloadSpool } from '../../src/payload/spool.js';
import { addressKey, type Address } from '../../src/protocol/address.js';
import { NOTIFY_PATH } from '../../src/protocol/v3/registration.js';
import type { AnswerTo, Verb } from '../../src/protocol/verbs.js';
import type { WireResponse } from '../../src/protocol/wire.js';
import { asError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { MemoryNetwork } from '../../src/transport/memory.js';
import type { Answerer, Listener, Peers, Sender, Serve, Transport } from '../../src/transport/port.js';
import { WirePeers } from '../../src/transport/wire-peers.js';
import { serveVerbs } from '../../src/transport/wire-server.js';
import { inVersion3, isFound } from './carriage.js';
import { outcome, subject } from './describe-verb.js';
import type { Connection, SimulatedNetwork, StationOptions } from './network.js';
import { SeededFaults } from './seeded-faults.js';
import type { SeededRandom } from './seeded-random.js';
import type { Trace } from './trace.js';
import type { VirtualClock } from './virtual-clock.js';
import type { Weather } from './weather.js';

/** A network that carries bytes: everything above the sockets is what a real store uses. */
export class ByteNetwork implements SimulatedNetwork {
  onTakenOff: (messageId: string) => void = () => undefined;
  readonly #clock: VirtualClock;
  readonly #faults: SeededFaults;
  readonly #network: MemoryNetwork;
  readonly #trace: Trace;
  readonly #stations = new Map<string, { transport: Transport; listener: Listener | undefined }>();
  #calls = 0;

  constructor(clock: VirtualClock, random: SeededRandom, trace: Trace) {
    this.#clock = clock;
    this.#faults = new SeededFaults(random);
    this.#network = new MemoryNetwork(clock, this.#faults);
    this.#trace = trace;
  }

  get weather(): Weather {
    return this.#faults.weather;
  }

  set weather(weather: Weather) {
    this.#faults.weather = weather;
  }

  get calls(): number {
    return this.#calls;
  }

  separate(a: Address, b: Address): void {
    this.#faults.separate(a, b);
  }

  heal(): void {
    this.#faults.heal();
  }

  join(address: Address, { modern, payloads }: StationOptions): Connection {
    const transport = this.#network.transport(addressKey(address), address.host);
    const peers = new WirePeers(transport, this.#clock);
    const station: { transport: Transport; listener: Listener | undefined } = {
      transport,
      listener: undefined,
    };
    this.#stations.set(addressKey(address), station);
    const listen = async (answerer: Answerer): Promise<Listener> => {
      const serve = serveVerbs(this.#watched(answerer, address), {
        ...payloadSpool(payloads, Infinity),
        learn: (from, capabilities) => {
          if (modern) peers.learn(from, capabilities);
        },
        clock: this.#clock,
        log: SILENT_LOG,
      });
      const listener = await transport.listen({ address }, modern ? serve : silentOnVersion(serve));
      station.listener = listener;
      return {
        close: async () => {
          await Promise.all([listener.close(), transport.close()]);
        },
      };
    };
    return { peers: this.#traced(peers, address, modern), listen };
  }

  kill(address: Address): void {
    const station = this.#stations.get(addressKey(address));
    this.#stations.delete(addressKey(address));
    void station?.listener?.close();
    void station?.transport.close();
  }

  #traced(peers: Peers, address: Address, modern: boolean): Peers {
    return {
      call: async (to, verb) => {
        this.#calls += 1;
        const name = `${verb.verb}#${this.#calls}`;
        this.#trace.note(address.host, `${name} to ${addressKey(to)} ${subject(verb)}`);
        try {
          const answer = await peers.call(to, modern ? verb : inVersion3(verb));
          this.#trace.note(address.host, `${name} answered ${outcome(answer)}`);
          return answer;
        } catch (error) {
          this.#trace.note(address.host, `${name} fails: ${asError(error).message}`);
          throw error;
        }
      },
      capabilities: (to) => peers.capabilities(to),
    };
  }

  /** Notes what arrives, and when the whole of a message has left. */
  #watched(answerer: Answerer, address: Address): Answerer {
    return new WatchedAnswerer(
      answerer,
      (verb) => {
        this.#trace.note(address.host, `${verb.verb} arrives: ${subject(verb)}`);
      },
      (messageId) => {
        this.onTakenOff(messageId);
      },
    );
  }
}

class WatchedAnswerer implements Answerer {
  constructor(
    private readonly inner: Answerer,
    private readonly arrived: (verb: Verb) => void,
    private readonly takenOff: (messageId: string) => void,
  ) {}

  get capabilities(): Answerer['capabilities'] {
    return this.inner.capabilities;
  }

  async answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    this.arrived(verb);
    const answer = await this.inner.answer(verb, sender);
    if (verb.verb === 'taken' && answer.kind === 'taken') this.takenOff(verb.messageId);
    if (!isFound(answer)) return answer;
    const settle = (delivered: boolean): void => {
      if (delivered) this.takenOff(answer.meta.messageId);
      answer.settle(delivered);
    };
    return { ...answer, settle };
  }
}

/** Takes out of the answers what a 3.0.5 store would not say. */
function silentOnVersion(serve: Serve): Serve {
  return async (request): Promise<WireResponse> => {
    const response = await serve(request);
    if (request.path !== NOTIFY_PATH || typeof response.body !== 'string') return response;
    const said: unknown = JSON.parse(response.body);
    if (typeof said !== 'object' || said === null) return response;
    return { ...response, body: JSON.stringify({ ...said, redlink: undefined }) };
  };
}
