/** The flows of the bench: what a user would draw for the same task with Redlink and with Node-RED's own nodes. */

export interface BenchNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

const MESH = 'bench';
/** Seconds: far longer than a measurement. */
const DEADLINE_S = 3_600;
const IN_TRANSIT_LIMIT = 128;
/** What a slow flow takes for a message, seconds. */
const SLOW_S = 1;

/** The tab and what is on it. */
export function flow(...parts: readonly BenchNode[][]): BenchNode[] {
  return [{ id: 'tab', type: 'tab', label: 'bench' }, ...parts.flat()];
}

function node(id: string, type: string, wires: string[][], more: Record<string, unknown> = {}): BenchNode {
  return { id, type, z: 'tab', x: 0, y: 0, wires, ...more };
}

/** A loop whose messages go out to `to`. */
export function driver(id: string, to: string): BenchNode[] {
  return [node(id, 'bench driver', [[to]])];
}

export function sink(id: string): BenchNode[] {
  return [node(id, 'bench sink', [])];
}

// --- Redlink ----------------------------------------------------------------------------------------

export interface StoreOfBench {
  readonly port: number;
  readonly norths?: readonly number[];
  readonly persistence?: string;
  readonly security?: string;
}

export function store(id: string, { port, norths = [], ...more }: StoreOfBench): BenchNode[] {
  const headers = norths.map((north) => ({ ip: '127.0.0.1', port: String(north), redistribute: 'true' }));
  return [
    node(id, 'redlink store', [[]], {
      name: id,
      meshName: MESH,
      listenAddress: '127.0.0.1',
      listenPort: String(port),
      headers,
      security: 'legacy',
      ...more,
    }),
  ];
}

/** A driver whose messages go to a service, and whose answers come back from there. */
export function asking(id: string, storeId: string, service: string, reversePath = true): BenchNode[] {
  const producer = `${id}-producer`;
  return [
    ...driver(id, producer),
    node(producer, 'redlink producer', [[id], [], []], {
      name: id,
      producerStoreName: `${MESH}:${storeId}`,
      producerConsumer: service,
      producerETT: DEADLINE_S,
      enforceReversePath: reversePath,
    }),
  ];
}

/** A consumer that sends back what it gets. */
export function echoing(storeId: string, service: string): BenchNode[] {
  const id = `${storeId}-${service}`;
  return [
    node(id, 'redlink consumer', [[id], [], []], {
      name: service,
      consumerStoreName: `${MESH}:${storeId}`,
      intransit: IN_TRANSIT_LIMIT,
    }),
  ];
}

/** A consumer whose flow answers late. */
export function slowly(storeId: string, service: string): BenchNode[] {
  const id = `${storeId}-${service}`;
  const [consumer] = echoing(storeId, service);
  return [
    ...(consumer === undefined ? [] : [{ ...consumer, wires: [[`${id}-delay`], [], []] }]),
    node(`${id}-delay`, 'delay', [[id]], {
      pauseType: 'delay',
      timeout: String(SLOW_S),
      timeoutUnits: 'seconds',
      outputs: 1,
    }),
  ];
}

/** A consumer whose flow never answers. */
export function never(storeId: string, service: string): BenchNode[] {
  const id = `${storeId}-${service}`;
  const [consumer] = echoing(storeId, service);
  return consumer === undefined
    ? []
    : [{ ...consumer, wires: [[`${id}-sink`], [], []] }, ...sink(`${id}-sink`)];
}

/** A consumer that answers with the length of what it gets. */
export function measuring(storeId: string, service: string): BenchNode[] {
  const id = `${storeId}-${service}`;
  const [consumer] = echoing(storeId, service);
  return consumer === undefined
    ? []
    : [{ ...consumer, wires: [[`${id}-measure`], [], []] }, node(`${id}-measure`, 'bench measure', [[id]])];
}

// --- Node-RED's own nodes ---------------------------------------------------------------------------

/** Within a process: the limit of what anything in Node-RED can do. */
export function linkCall(): BenchNode[] {
  return [
    ...driver('link', 'link-call'),
    node('link-call', 'link call', [['link']], { links: ['link-in'], linkType: 'static', timeout: '30' }),
    node('link-in', 'link in', [['link-out']], { links: [] }),
    node('link-out', 'link out', [], { mode: 'return', links: [] }),
  ];
}

/** The asking side of HTTPS, with connections that stay open. */
export function httpAsking(port: number): BenchNode[] {
  return [
    ...driver('http', 'http-request'),
    { id: 'http-tls', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: false },
    node('http-request', 'http request', [['http']], {
      method: 'POST',
      ret: 'txt',
      paytoqs: 'ignore',
      url: `https://127.0.0.1:${port}/echo`,
      tls: 'http-tls',
      persist: true,
    }),
  ];
}

export function httpAnswering(): BenchNode[] {
  return [
    node('http-in', 'http in', [['http-response']], { url: '/echo', method: 'post', upload: false }),
    node('http-response', 'http response', [], { statusCode: '', headers: {} }),
  ];
}

/** MQTT by a broker: a topic for questions, one for answers. */
export function mqttAsking(port: number, qos: 0 | 1): BenchNode[] {
  const id = `mqtt${qos}`;
  return [
    ...driver(id, `${id}-out`),
    broker(`${id}-broker`, port),
    node(`${id}-out`, 'mqtt out', [], { topic: `ask/${qos}`, qos: String(qos), broker: `${id}-broker` }),
    mqttIn(`${id}-in`, `answer/${qos}`, qos, `${id}-broker`, id),
  ];
}

export function mqttAnswering(port: number, qos: 0 | 1): BenchNode[] {
  const id = `mqtt${qos}-echo`;
  return [
    broker(`${id}-broker`, port),
    mqttIn(`${id}-in`, `ask/${qos}`, qos, `${id}-broker`, `${id}-strip`),
    node(`${id}-strip`, 'change', [[`${id}-out`]], { rules: [{ t: 'delete', p: 'topic', pt: 'msg' }] }),
    node(`${id}-out`, 'mqtt out', [], { topic: `answer/${qos}`, qos: String(qos), broker: `${id}-broker` }),
  ];
}

function broker(id: string, port: number): BenchNode {
  const session = {
    clientid: '',
    autoConnect: true,
    cleansession: true,
    keepalive: '60',
    protocolVersion: '4',
  };
  return { id, type: 'mqtt-broker', broker: '127.0.0.1', port: String(port), usetls: false, ...session };
}

function mqttIn(id: string, topic: string, qos: number, brokerId: string, to: string): BenchNode {
  return node(id, 'mqtt in', [[to]], {
    topic,
    qos: String(qos),
    datatype: 'utf8',
    broker: brokerId,
    inputs: 0,
  });
}
