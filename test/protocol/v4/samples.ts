import { CONFIRM, HOPS, META, OFFER, READ, REPLY, SOUTH } from '../../transport/wire-stores.js';

/** A valid wire form of each verb that travels in batches. */
export const VALID: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  offer: {
    ...OFFER,
    terms: {
      token: 't1',
      deadlineInMs: null,
      turn: { bootId: 'b1', counter: 7 },
      message: { meta: META, payload: { text: '{"a":1}' } },
    },
  },
  taken: {
    verb: 'taken',
    messageId: 'm1',
    producerId: 'p1',
    consumer: { id: 'c1', service: 'svc', storeName: 'mesh0:S2' },
    token: 't1',
    readDelayMs: 3,
    room: 10,
    path: HOPS,
  },
  renew: {
    verb: 'renew',
    consumerStore: 'mesh0:S2',
    held: [{ messageId: 'm1', token: 't1' }],
    path: HOPS,
  },
  vacancy: { verb: 'vacancy', service: 'svc', places: 2, room: 50, via: SOUTH },
  probe: { verb: 'probe' },
  recall: { verb: 'recall', by: { host: '10.0.0.1', port: '2000' } },
  confirm: { ...CONFIRM, deadlineInMs: null },
  advertise: {
    verb: 'advertise',
    heading: 'north',
    service: 'svc',
    consumerId: 'c1',
    origin: { storeName: 'mesh0:S1', address: SOUTH },
    passedOnBy: 'mesh0:S1',
    via: SOUTH,
    hopCount: 1,
    expiresEpochS: 1_795_414_467,
    load: { room: 10, readMs: 1, replyMs: 2 },
    stamp: { bootId: 'boot', counter: 7, path: ['mesh0:S1'] },
    turn: { bootId: 'boot of the sender', counter: 12 },
  },
  read: { ...READ },
  reply: {
    ...REPLY,
    payload: { text: '{"a":1}', restore: { dates: [['a']] } },
    consumerError: { text: '1' },
  },
};
