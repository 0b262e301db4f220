import type {
  ConsumerRow,
  MessageRow,
  NotifyRow,
  ReplyRow,
  RouteRow,
  StoreRow,
} from '../../src/store/shown.js';
import { encodeText } from '../../src/protocol/v3/codec.js';
import { pathToWire } from '../../src/protocol/v3/path.js';
import type { RouteView } from '../../src/store/route-views.js';
import { pathOf } from '../../src/store/way-home.js';

/**
 * The store's rows as users see them: column names and types of 3.0.5, in its order, new ones at the
 * end (NODES.md, "Columns"). The one place where the core's names become those of flows.
 */
export type Columns = Record<string, unknown>;

/** Ages of a message, whole seconds. */
export interface Ages {
  readonly ageS: number;
  readonly sinceNotifyS: number;
}

export function messageColumns(storeName: string, row: MessageRow, ages: Ages): Columns {
  return {
    redlinkMsgId: row.id,
    storeName,
    serviceName: row.service,
    message: row.payloadName === '' ? encodeText(row.text) : row.payloadName,
    read: row.state === 'read' || row.state === 'replied',
    sendOnly: row.sendOnly,
    redlinkProducerId: row.producerId,
    preserved: encodeText(row.preserved),
    timestamp: row.acceptedEpochMs,
    priority: row.priority,
    isLargeMessage: row.payloadName !== '',
    lifetime: ages.ageS,
    timeSinceNotify: ages.sinceNotifyS,
    enforceReversePath: row.reversePath,
    consumerId: row.consumerId,
  };
}

export function notifyColumns(storeName: string, row: NotifyRow): Columns {
  const read = row.state === 'read' || row.state === 'replying';
  return {
    storeName,
    serviceName: row.service,
    srcStoreName: row.sourceStore,
    srcStoreAddress: row.sourceHost,
    srcStorePort: Number(row.sourcePort),
    redlinkMsgId: row.messageId,
    notifySent: row.notifyCount > 0 ? row.consumerId : '',
    read,
    redlinkProducerId: row.producerId,
    notifyPath: encodeText(JSON.stringify(pathToWire(pathOf(row)))),
    notifyTime: row.notifiedEpochMs,
    consumerId: row.consumerId,
    confirmed: true,
    sendOnly: row.sendOnly,
  };
}

export function replyColumns(storeName: string, row: ReplyRow): Columns {
  return {
    storeName,
    redlinkMsgId: row.messageId,
    redlinkProducerId: row.producerId,
    replyMessage: row.payloadName === '' ? encodeText(row.text) : row.payloadName,
    read: row.read,
    isLargeMessage: row.payloadName !== '',
    cerror: row.hasError ? encodeText(row.errorText) : '',
  };
}

export function consumerColumns(storeName: string, row: ConsumerRow): Columns {
  return {
    storeName,
    serviceName: row.service,
    consumerId: row.consumerId,
    inTransitLimit: row.inTransitLimit,
  };
}

export function routeColumns(storeName: string, row: RouteRow): Columns {
  return {
    localStoreName: storeName,
    serviceName: row.service,
    consumerId: row.consumerId,
    storeName: row.storeName,
    direction: row.direction,
    storeAddress: row.storeHost,
    storePort: Number(row.storePort),
    transitAddress: row.viaHost,
    transitPort: Number(row.viaPort),
    hopCount: row.hopCount,
    ttl: row.expiresEpochS,
    ecm: row.readMs,
    erm: row.replyMs,
    enm: row.room,
  };
}

/** A row with what 3.0.5 does not show, at its end (NODES.md, "Columns"). */
export function viewedRouteColumns(storeName: string, row: RouteRow, view: RouteView): Columns {
  return {
    ...routeColumns(storeName, row),
    nextHop: view.nextHop,
    load: row.room,
    loadAgeSeconds: view.loadAgeS,
    ageSeconds: view.ageS,
    path: view.stores,
  };
}

export function storeColumns(row: StoreRow): Columns {
  return { storeName: row.storeName, storeAddress: row.storeHost, storePort: Number(row.storePort) };
}
