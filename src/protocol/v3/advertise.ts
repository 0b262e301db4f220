import { z } from 'zod';
import type { Advertise, Capabilities, Heading, OriginStamp } from '../verbs.js';
import type { WireRequest } from '../wire.js';
import { MAX_PATH_HOPS } from '../limits.js';
import {
  boundedArray,
  epochSecondsField,
  hopCountField,
  hostField,
  idField,
  measureField,
  nameField,
  parseFields,
  portField,
  roomField,
} from './fields.js';
import { isRecord } from './json-body.js';
import { registrationRequest } from './registration.js';

/** `consumerRegistration` for a service (WIRE 3). */

/** `direction` of each heading. */
const DIRECTIONS: Readonly<Record<Heading, string>> = {
  local: 'local',
  north: 'north',
  south: 'south',
  resync: 'reSync',
};

const headingField = z
  .enum(['local', 'north', 'south', 'reSync'])
  .transform((direction): Heading => (direction === 'reSync' ? 'resync' : direction));

const body = z.object({
  consumer: z.object({
    direction: headingField,
    serviceName: nameField,
    consumerId: idField,
    storeName: nameField,
    storeAddress: hostField,
    storePort: portField,
    localStoreName: nameField.optional().default(''),
    transitAddress: hostField,
    transitPort: portField,
    hopCount: hopCountField,
    ttl: epochSecondsField,
    ecm: measureField,
    erm: measureField,
    enm: roomField,
  }),
});

/** Stores that news may have passed: those of the longest path, and the one that holds the consumer. */
const MAX_STORES_PASSED = MAX_PATH_HOPS + 1;

const stampField = z.object({
  /** Empty where the consumer is that of a 3.0.5 store: its `ttl` alone says what is new. */
  bootId: z.union([z.literal(''), idField]),
  counter: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  path: boundedArray(MAX_STORES_PASSED).pipe(z.array(nameField)),
});

/** The advertisement as it travels; its stamp only towards a peer that speaks more than version 3. */
export function encodeAdvertise(verb: Advertise, peer: Capabilities | undefined): WireRequest {
  const consumer = verb.load === undefined ? newsOf(verb) : rowOf(verb, verb.load);
  return registrationRequest(consumer, peer === undefined ? undefined : verb.stamp);
}

/** @throws RedlinkError `BAD_REQUEST` */
export function decodeAdvertise(wire: unknown): Advertise {
  const { consumer } = parseFields(body, wire);
  return {
    verb: 'advertise',
    heading: consumer.direction,
    service: consumer.serviceName,
    consumerId: consumer.consumerId,
    origin: {
      storeName: consumer.storeName,
      address: { host: consumer.storeAddress, port: consumer.storePort },
    },
    passedOnBy: consumer.localStoreName,
    via: { host: consumer.transitAddress, port: consumer.transitPort },
    hopCount: consumer.hopCount,
    expiresEpochS: consumer.ttl,
    load: carriesLoad(wire) ? { room: consumer.enm, readMs: consumer.ecm, replyMs: consumer.erm } : undefined,
    stamp: stampOf(wire),
  };
}

/** A registration at its consumer's store, or on its first way round: the port is the configured text. */
function newsOf(verb: Advertise) {
  return {
    localStoreName: verb.passedOnBy,
    storeName: verb.origin.storeName,
    serviceName: verb.service,
    consumerId: verb.consumerId,
    storeAddress: verb.origin.address.host,
    storePort: verb.origin.address.port,
    transitAddress: verb.via.host,
    transitPort: verb.via.port,
    direction: DIRECTIONS[verb.heading],
    hopCount: verb.hopCount,
    ttl: verb.expiresEpochS,
  };
}

/** A row of a table, passed on: other order, the port as number, the load beside it. */
function rowOf(verb: Advertise, load: NonNullable<Advertise['load']>) {
  return {
    localStoreName: verb.passedOnBy,
    serviceName: verb.service,
    consumerId: verb.consumerId,
    storeName: verb.origin.storeName,
    direction: DIRECTIONS[verb.heading],
    storeAddress: verb.origin.address.host,
    storePort: Number(verb.origin.address.port),
    transitAddress: verb.via.host,
    transitPort: verb.via.port,
    hopCount: verb.hopCount,
    ttl: verb.expiresEpochS,
    ecm: load.readMs,
    erm: load.replyMs,
    enm: load.room,
  };
}

/** Whether the registration is a row of a table: those alone have `enm`. */
function carriesLoad(wire: unknown): boolean {
  return isRecord(wire) && isRecord(wire['consumer']) && wire['consumer']['enm'] !== undefined;
}

function stampOf(wire: unknown): OriginStamp | undefined {
  return isRecord(wire) ? stampField.safeParse(wire['redlink']).data : undefined;
}
