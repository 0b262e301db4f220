/** What a storm and its processes say to each other. */
import { z } from 'zod';

/** Files in the folder of a process. */
export const LEDGER = 'ledger.jsonl';
/** How many messages were tried so far: the next life goes on from there. */
export const ATTEMPTED = 'attempted';

/** What a process does, given to it at its start. */
export const task = z.object({
  folder: z.string(),
  /** Of the store, as its node has them. */
  properties: z.record(z.string(), z.unknown()),
  /** The service of its consumer. */
  offers: z.string().optional(),
  /** Its flow takes up to so long to answer, ms; at once where there is none. */
  thinkMs: z.number().optional(),
  /** What its producers send, all together. */
  sends: z.object({ service: z.string(), count: z.number(), perSecond: z.number() }).optional(),
  firstNumber: z.number(),
  /** Length of each message, characters. */
  bytes: z.number(),
});
export type Task = z.infer<typeof task>;

/** What a process tells of. */
export const stormReport = z.discriminatedUnion('report', [
  z.object({ report: z.literal('open') }),
  z.object({ report: z.literal('sent'), number: z.number() }),
  /** Messages that its producers have not got an end of, and that are still in their store. */
  z.object({ report: z.literal('left'), count: z.number() }),
  z.object({ report: z.literal('trouble'), text: z.string() }),
]);
export type StormReport = z.infer<typeof stormReport>;

/** What a process is told while it runs. */
export const stormOrder = z.discriminatedUnion('order', [
  /** Its producers are to send nothing more. */
  z.object({ order: z.literal('enough') }),
]);
export type StormOrder = z.infer<typeof stormOrder>;
