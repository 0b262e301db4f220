/**
 * The flow of `npm start`: two stores of one mesh, South announcing itself to North, as if each were in a Node-RED
 * of its own. A producer at South asks a question every second; two consumers at North share the answers.
 */

const TAB = 'demo-tab';
const MESH = 'demo';

/** Seconds between two questions. */
const EVERY_S = 1;

/** Seconds that a consumer takes for an answer: more than {@link EVERY_S}, so that one alone does not keep up. */
const WORK_S = 1.5;

/** Seconds after which a question without an answer leaves by the producer's failure output. */
const GIVE_UP_AFTER_S = 60;

/**
 * @param {{ north: number, south: number }} ports - where the two stores listen, on the loopback address
 * @returns {object[]} the nodes, as a flow file holds them
 */
export function demoFlow(ports) {
  return [
    {
      id: TAB,
      type: 'tab',
      label: 'Redlink demo',
      info: 'Two stores, a question every second, and two consumers that answer in turn.',
    },
    ...explanation(),
    ...south(ports),
    ...north(ports),
  ];
}

function explanation() {
  return [
    comment(
      'start',
      [260, 40],
      'Open the debug sidebar: an answer arrives every second',
      'A producer sends each message to a **service** by its name ("clerk"). Its store, South, keeps the message ' +
        'until a consumer of that service has room, wherever it is in the mesh: here at North. The consumer fetches ' +
        'the message, its flow sets `msg.payload`, and that goes back to the producer as the answer. What was put into ' +
        '`msg.preserved` stayed at the producer, and comes out with the answer.\n\n' +
        "Try this: disable both consumers and deploy. Messages wait (`M:` in the producer's status). " +
        'Enable them again and deploy: what waited is answered.\n\n' +
        'Disable one of them: it alone does not keep up, and the messages that wait become more. South then says ' +
        '`parked (no room): clerk`.\n\n' +
        'Both stores have the same mesh key, by which they prove to each other that they belong together.',
    ),
    comment('south-title', [210, 100], 'South: asks. Its north peer is North.'),
    comment('north-title', [210, 360], 'North: answers. Two consumers share the work.'),
  ];
}

function south(ports) {
  return [
    store('South', [180, 140], ports.south, [
      { ip: '127.0.0.1', port: String(ports.north), redistribute: 'false' },
    ]),
    {
      ...at('tick', 'inject', [180, 220]),
      name: 'every second',
      props: [{ p: 'payload' }],
      repeat: String(EVERY_S),
      once: true,
      onceDelay: String(EVERY_S),
      payload: '',
      payloadType: 'date',
      wires: [['question']],
    },
    {
      ...at('question', 'function', [370, 220]),
      name: 'question',
      func:
        "const n = (context.get('n') ?? 0) + 1;\ncontext.set('n', n);\n" +
        'return { payload: `What is ${n} times ${n}?`, preserved: { question: n } };',
      outputs: 1,
      wires: [['producer']],
    },
    {
      ...at('producer', 'redlink producer', [560, 220]),
      name: 'ask a clerk',
      producerStoreName: `${MESH}:South`,
      producerConsumer: 'clerk',
      producerETT: GIVE_UP_AFTER_S,
      notifyInterval: 15,
      priority: 0,
      enforceReversePath: true,
      sendOnly: false,
      manualRead: false,
      rateTypeSendReceive: 'none',
      redeliver: true,
      maxDeliver: 5,
      outputs: 3,
      wires: [['label'], [], ['failure']],
    },
    {
      ...at('label', 'function', [760, 180]),
      name: 'beside its question',
      func:
        "context.set('answered', (context.get('answered') ?? 0) + 1);\n" +
        'msg.payload = `${msg.preserved.question}. ${msg.payload}`;\nreturn msg;',
      outputs: 1,
      wires: [['answer']],
    },
    debug('answer', [930, 180], 'answer', 'payload'),
    debug('failure', [770, 260], 'failure', 'true'),
  ];
}

function north(ports) {
  return [
    store('North', [180, 400], ports.north, []),
    ...consumer('clerk-a', 'Ada', 480),
    ...consumer('clerk-b', 'Grace', 580),
  ];
}

/** A consumer of the service "clerk", and the node that answers for it. */
function consumer(id, clerk, y) {
  return [
    {
      ...at(id, 'redlink consumer', [180, y]),
      name: 'clerk',
      consumerStoreName: `${MESH}:North`,
      intransit: 1,
      manualReadReceiveSend: false,
      reNotifyInterval: 1,
      rateTypeReceiveSend: 'none',
      outputs: 3,
      wires: [[`${id}-time`], [], []],
    },
    {
      ...at(`${id}-time`, 'delay', [350, y]),
      name: 'takes a while',
      pauseType: 'delay',
      timeout: String(WORK_S),
      timeoutUnits: 'seconds',
      rate: '1',
      nbRateUnits: '1',
      rateUnits: 'second',
      randomFirst: '1',
      randomLast: '5',
      randomUnits: 'seconds',
      drop: false,
      allowrate: false,
      outputs: 1,
      wires: [[`${id}-work`]],
    },
    {
      ...at(`${id}-work`, 'function', [540, y]),
      name: `${clerk} answers`,
      func:
        'const n = Number(/\\d+/.exec(msg.payload)?.[0]);\n' +
        `msg.payload = \`${clerk} says: \${n} times \${n} is \${n * n}\`;\nreturn msg;`,
      outputs: 1,
      wires: [[id]],
    },
  ];
}

function store(name, place, port, norths) {
  return {
    ...at(name.toLowerCase(), 'redlink store', place),
    name,
    meshName: MESH,
    listenAddress: '127.0.0.1',
    listenPort: String(port),
    southInsert: true,
    interStoreLB: false,
    headers: norths,
    showRegistration: false,
    showDebug: false,
    isUserCertificate: false,
    oldStore: true,
    security: 'mesh',
    persistence: 'crash-safe',
    outputs: 1,
    wires: [[]],
  };
}

function debug(id, place, name, complete) {
  return {
    ...at(id, 'debug', place),
    name,
    active: true,
    tosidebar: true,
    console: false,
    tostatus: id === 'answer',
    complete,
    targetType: complete === 'true' ? 'full' : 'msg',
    statusVal: 'payload',
    statusType: 'auto',
    wires: [],
  };
}

function comment(id, place, name, info = '') {
  return { ...at(id, 'comment', place), name, info, wires: [] };
}

/** What every node of the flow has. */
function at(id, type, [x, y]) {
  return { id, type, z: TAB, x, y };
}
