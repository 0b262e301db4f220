import { z } from 'zod';
import type { Announce } from '../verbs.js';
import type { WireRequest } from '../wire.js';
import { capabilitiesOf } from './capabilities.js';
import { hostField, parseFields, portField } from './fields.js';
import { ANNOUNCING, registrationRequest } from './registration.js';

/** `consumerRegistration` with `direction: "store"`: a store makes itself known (WIRE 3). */

const body = z.object({
  consumer: z.object({
    direction: z.literal(ANNOUNCING),
    transitAddress: hostField,
    transitPort: portField,
  }),
});

/** What a store says beside its capabilities. Who does not say it, or not so, has lost nobody. */
const said = z.object({ redlink: z.object({ hadLostYou: z.literal(true) }) });

/** The announcement as it travels. Capabilities are always said: who does not know them ignores them. */
export function encodeAnnounce(verb: Announce): WireRequest {
  const consumer = {
    direction: ANNOUNCING,
    transitAddress: verb.from.host,
    transitPort: verb.from.port,
    hopCount: 0,
  };
  const { capabilities, hadLostYou } = verb;
  return registrationRequest(
    consumer,
    capabilities && { ...capabilities, ...(hadLostYou && { hadLostYou }) },
  );
}

/** @throws RedlinkError `BAD_REQUEST` */
export function decodeAnnounce(wire: unknown): Announce {
  const { consumer } = parseFields(body, wire);
  return {
    verb: 'announce',
    from: { host: consumer.transitAddress, port: consumer.transitPort },
    capabilities: capabilitiesOf(wire),
    hadLostYou: said.safeParse(wire).success,
  };
}
