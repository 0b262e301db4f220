import fc from 'fast-check';

/** Bodies that no store would send: the right fields with wrong values, and anything else. */

const codec = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf16le').toString('base64');

const HOP = { store: 'mesh0:evil', address: '127.0.0.1', port: '9', enforceReversePath: true };

const MESSAGE = {
  service: 'svc',
  srcStoreName: 'mesh0:evil',
  srcStoreAddress: '127.0.0.1',
  srcStorePort: '9',
  transitAddress: '127.0.0.1',
  transitPort: '9',
  notifyPath: [HOP],
  sendersHopCount: 1,
  redlinkMsgId: 'queued',
  redlinkProducerId: 'producer',
  enforceReversePath: false,
  consumerId: 'idle',
};

const REGISTRATION = {
  serviceName: 'svc',
  consumerId: 'c',
  storeName: 'mesh0:evil',
  storeAddress: '127.0.0.1',
  storePort: '9',
  localStoreName: 'mesh0:evil',
  transitAddress: '127.0.0.1',
  transitPort: '9',
  direction: 'north',
  hopCount: 0,
  ttl: 9_999_999_999,
};

const REPLY = {
  redlinkProducerId: 'producer',
  replyingService: 'svc',
  replyingServiceId: 'idle',
  replyingStoreName: 'mesh0:victim',
  redlinkMsgId: 'queued',
  replyDelay: 1,
  payload: codec('forged'),
  notifyPath: codec([]),
  enm: '0',
  cerror: '',
};

const READ = {
  redlinkMsgId: 'queued',
  notifyPath: codec([]),
  redlinkProducerId: 'producer',
  consumerId: 'idle',
  consumerService: 'svc',
  consumerStoreName: 'mesh0:victim',
  readDelay: 1,
  enm: '0',
};

/** Each endpoint with a body that fits it. */
export const ENDPOINTS: Readonly<Record<string, { readonly path: string; readonly body: object }>> = {
  announcement: {
    path: '/notify',
    body: {
      notifyType: 'consumerRegistration',
      consumer: { direction: 'store', transitAddress: '127.0.0.1', transitPort: '9', hopCount: 0 },
    },
  },
  registration: { path: '/notify', body: { notifyType: 'consumerRegistration', consumer: REGISTRATION } },
  offer: { path: '/notify', body: { notifyType: 'producerNotification', ...MESSAGE } },
  confirmation: { path: '/notify', body: { notifyType: 'confirmNotification', ...MESSAGE, tempPath: [HOP] } },
  read: { path: '/read-message', body: READ },
  reply: { path: '/reply-message', body: REPLY },
  batch: { path: '/redlink/verbs', body: [{ verb: 'offer', ...MESSAGE }] },
};

/** What has broken stores, or could: code, SQL, paths, lengths, prototypes, halves of characters. */
const NASTY: readonly unknown[] = [
  "'; globalThis.owned = 1; //",
  '`${globalThis.owned = 1}`',
  "x' OR 1=1; DROP TABLE inMessages; --",
  '``; var x = globalThis.owned = 1; ``',
  "'||(function(){globalThis.owned=1})()||'",
  '../../../../../../tmp/owned',
  '..\\..\\owned',
  '/etc/passwd\u0000',
  'a\r\nx-injected: 1',
  '\ud800',
  '服务'.repeat(200),
  'x'.repeat(100_000),
  '__proto__',
  'constructor',
  { length: 1e8 },
  { __proto__: { owned: 1 }, constructor: { prototype: { owned: 1 } } },
  [[[[[[[[[[[[]]]]]]]]]]]],
  Array.from({ length: 17 }, () => HOP),
  [{ ...HOP, address: 'user@127.0.0.1/path?x#y' }],
  codec({ length: 1e8 }),
  codec([HOP, { ...HOP, store: 'mesh0:victim' }]),
  Number.MAX_SAFE_INTEGER,
  -1,
  1e308,
  0.1,
  null,
  true,
  '',
  [],
  {},
];

const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
);

/** A body for an endpoint: its own with some fields changed or gone, or nothing like it. */
export function hostileBody(body: object): fc.Arbitrary<string> {
  const changed = fc
    .array(fc.record({ at: fc.nat(), value: nasty, gone: fc.boolean() }), { minLength: 1, maxLength: 4 })
    .map((changes) =>
      JSON.stringify(changes.reduce<unknown>((made, change) => withChange(made, change), body)),
    );
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

interface Change {
  readonly at: number;
  readonly value: unknown;
  readonly gone: boolean;
}

/** Changes one field, of the body or of an object in it. */
function withChange(body: unknown, { at, value, gone }: Change): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const entries: [string, unknown][] = Object.entries(body);
  const chosen = entries[at % Math.max(1, entries.length)];
  if (chosen === undefined) return body;
  const [name, inner] = chosen;
  const deeper = typeof inner === 'object' && inner !== null && at % 3 > 0;
  const made = deeper ? withChange(inner, { at: Math.floor(at / 3), value, gone }) : value;
  const rest = entries.filter(([other]) => !gone || deeper || other !== name);
  const all = Object.fromEntries(rest.map(([other, old]) => [other, other === name ? made : old]));
  return Array.isArray(body) ? Object.values(all) : all;
}
