/** What a test and a process that hosts a store say to each other. */
import { z } from 'zod';

/** What a test asks for. */
export const asked = z.discriminatedUnion('ask', [
  /** Opens a store with consumers that send back what they get. `properties` are those of the store's node. */
  z.object({
    ask: z.literal('open'),
    properties: z.record(z.string(), z.unknown()),
    offers: z.array(z.string()),
    inTransitLimit: z.number(),
    /** How long an echo takes for a message, ms, by service; others answer at once. */
    thinkMs: z.record(z.string(), z.number()),
  }),
  /** Attaches one more consumer that sends back what it gets. */
  z.object({ ask: z.literal('offer'), service: z.string() }),
  /** Asks how many requests have come to the store. */
  z.object({ ask: z.literal('count') }),
  /** Closes the store in good order, as a deploy does. */
  z.object({ ask: z.literal('close') }),
  /** Sends a message by each of the numbers. */
  z.object({
    ask: z.literal('send'),
    service: z.string(),
    reversePath: z.boolean(),
    numbers: z.array(z.number()),
    priority: z.number(),
  }),
]);
export type Asked = z.infer<typeof asked>;

/** Epoch milliseconds, with fractions: all processes of a machine count alike. */
const moment = z.number();

/** What the process tells of. */
export const told = z.discriminatedUnion('tell', [
  /** It takes orders now. */
  z.object({ tell: z.literal('ready') }),
  /** `wallMs` is the time of day there. */
  z.object({ tell: z.literal('opened'), at: moment, wallMs: z.number() }),
  z.object({ tell: z.literal('closed'), at: moment }),
  /** `bytes` are those of the bodies. */
  z.object({ tell: z.literal('counted'), requests: z.number(), bytes: z.number() }),
  /** The services that its store sees are no longer the same. */
  z.object({ tell: z.literal('services'), at: moment, services: z.array(z.string()) }),
  /** A reply came to the message by the number. */
  z.object({ tell: z.literal('replied'), at: moment, number: z.number(), consumerStore: z.string() }),
  /** A message failed at its producer, or a reply at its consumer. */
  z.object({ tell: z.literal('failed'), at: moment, text: z.string() }),
  /** An echo has a message; `path` names the stores that its notify passed. */
  z.object({ tell: z.literal('received'), at: moment, number: z.number(), path: z.array(z.string()) }),
  /** A line for people. */
  z.object({ tell: z.literal('log'), at: moment, text: z.string() }),
]);
export type Told = z.infer<typeof told>;

/** The present as {@link told} has it. */
export function momentNow(): number {
  return performance.timeOrigin + performance.now();
}
