import type { ConsumerRow, MessageRow, NotifyRow, ReplyRow, RouteRow } from '../../src/engine/rows.js';

/** A queued message; tests name only the columns that they are about. */
export function messageRow(changes: Partial<MessageRow> & Pick<MessageRow, 'id'>): MessageRow {
  return {
    service: 'echo',
    producerId: 'producer',
    priority: 0,
    sequence: 0,
    sendOnly: false,
    reversePath: true,
    acceptedEpochMs: 0,
    acceptedAt: 0,
    deadlineAt: Infinity,
    text: '{}',
    restore: '',
    payloadName: '',
    byteLength: 2,
    preserved: '',
    preservedRestore: '',
    correlationId: '',
    notifyIntervalMs: 15_000,
    redeliver: false,
    maxDeliver: 5,
    state: 'queued',
    consumerId: '',
    consumerStore: '',
    via: '',
    notifiedEpochMs: 0,
    deliveryCount: 0,
    token: '',
    ...changes,
  };
}

/** A notify that its consumer has not begun to read. */
export function notifyRow(changes: Partial<NotifyRow> & Pick<NotifyRow, 'messageId'>): NotifyRow {
  return {
    service: 'echo',
    consumerId: 'consumer',
    producerId: 'producer',
    sourceStore: 'mesh0:source',
    sourceHost: 'localhost',
    sourcePort: '2000',
    path: '[]',
    sequence: 0,
    notifiedAt: 0,
    notifiedEpochMs: 0,
    reversePath: true,
    sendOnly: false,
    token: '',
    state: 'waiting',
    replyBy: Infinity,
    notifyCount: 0,
    ...changes,
  };
}

/** A reply that its producer has not taken. */
export function replyRow(changes: Partial<ReplyRow> & Pick<ReplyRow, 'messageId'>): ReplyRow {
  return {
    producerId: 'producer',
    sequence: 0,
    text: '"done"',
    restore: '',
    payloadName: '',
    byteLength: 6,
    hasError: false,
    errorText: '',
    errorRestore: '',
    mayRepeat: false,
    read: false,
    ...changes,
  };
}

/** An attached consumer. */
export function consumerRow(changes: Partial<ConsumerRow> & Pick<ConsumerRow, 'consumerId'>): ConsumerRow {
  return { service: 'echo', inTransitLimit: 1, ...changes };
}

/** A route to a consumer south of the store. */
export function routeRow(changes: Partial<RouteRow> & Pick<RouteRow, 'consumerId'>): RouteRow {
  return {
    service: 'echo',
    storeName: 'mesh0:south',
    storeHost: 'localhost',
    storePort: '2001',
    direction: 'south',
    via: 'localhost:2001',
    viaHost: 'localhost',
    viaPort: '2001',
    hopCount: 0,
    expiresEpochS: 0,
    expiresAt: Infinity,
    loadAt: 0,
    room: 0,
    readMs: 0,
    replyMs: 0,
    bootId: '',
    counter: 0,
    path: '',
    ...changes,
  };
}
