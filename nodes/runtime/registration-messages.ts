import type { MessageRow, RouteRow } from '../../src/store/shown.js';
import type { Neighbour } from '../../src/store/shown.js';
import type { Advertise } from '../../src/protocol/verbs.js';
import { routeColumns } from './columns.js';

/** What leaves by a store's registration output, in the words that flows made for 3.0.5 know (NODES.md). */
export type RegistrationMessage = Record<string, unknown>;

/** One of the store's consumers was advertised. */
export function localAdvertised(storeName: string, advert: Advertise): RegistrationMessage {
  return {
    storeName,
    action: 'notifyRegistration',
    function: 'notifyPeerStoreOfLocalConsumers',
    notifyData: {
      consumer: {
        localStoreName: advert.passedOnBy,
        storeName: advert.origin.storeName,
        serviceName: advert.service,
        consumerId: advert.consumerId,
        storeAddress: advert.origin.address.host,
        storePort: advert.origin.address.port,
        transitAddress: advert.via.host,
        transitPort: advert.via.port,
        direction: advert.heading,
        hopCount: advert.hopCount,
        ttl: advert.expiresEpochS,
      },
      notifyType: 'consumerRegistration',
    },
  };
}

/** A message of one of the store's producers is being offered. */
export function offered(
  address: { readonly host: string; readonly port: string },
  message: MessageRow,
): RegistrationMessage {
  return {
    service: message.service,
    srcStoreAddress: address.host,
    srcStorePort: address.port,
    redlinkMsgId: message.id,
    action: 'producerNotification',
    redlinkProducerId: message.producerId,
  };
}

/** A peer is gone, and with it the services learned through it: one message for each. */
export function peerLost(
  storeName: string,
  neighbour: Neighbour,
  routes: readonly RouteRow[],
): RegistrationMessage[] {
  const { side: direction, key: notifyData } = neighbour;
  const services = [...new Set(routes.map((row) => row.service))];
  return [
    { storeName, action: 'notifyDeletePeerConnection', direction, notifyData },
    ...services.map((serviceName) => ({
      storeName,
      action: 'notifyDeletePeerConsumer',
      direction,
      notifyData,
      serviceName,
    })),
  ];
}

/** Consumers are no longer known by these ways. */
export function routesRemoved(storeName: string, routes: readonly RouteRow[]): RegistrationMessage[] {
  return routes.map((row) => ({
    storeName,
    action: 'deleteConsumer',
    direction: row.direction,
    data: { record: [routeColumns(storeName, row)], time: Date.now() },
  }));
}
