/** What a storm and its processes say to each other. */
import { z } from 'zod';

/** Files in the folder of a process. */
export const LEDGER = 'ledger.jsonl';
/** How many messages were tried so far: the next life goes on from there. */
export const ATTEMPTED = 'attempted';

/** What a process does, given to it at its start. */
export const task = z.object({
  /** Of what the storm notes. */
  folder: z.string(),
  /** Of the store, where that is another: a disk that the storm spoils. */
  storeFolder: z.string().optional(),
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
  /** Length of every tenth message, where it is another: one that lies in a file of its own. */
  largeBytes: z.number().optional(),
  /** How long a message may take, ms. */
  lifetimeMs: z.number().optional(),
});
export type Task = z.infer<typeof task>;

/** What a process tells of. */
export const stormReport = z.discriminatedUnion('report', [
  z.object({ report: z.literal('open') }),
  z.object({ report: z.literal('sent'), number: z.number() }),
  /** Messages that its producers have not got an end of, and that are still in their store. */
  z.object({ report: z.literal('left'), count: z.number() }),
  z.object({ report: z.literal('trouble'), text: z.string() }),
  /** Its store did not open. The code of a RedlinkError; of anything else there is none. */
  z.object({ report: z.literal('notOpen'), code: z.string().optional(), text: z.string() }),
  /** It has taken the last file handle of its process. */
  z.object({ report: z.literal('handlesTaken'), count: z.number() }),
]);
export type StormReport = z.infer<typeof stormReport>;

/** What a process is told while it runs. */
export const stormOrder = z.discriminatedUnion('order', [
  /** Its producers are to send nothing more. */
  z.object({ order: z.literal('enough') }),
  /** It is to take all file handles that its process may have and has not, and to give them back. */
  z.object({ order: z.literal('takeHandles') }),
  z.object({ order: z.literal('giveHandles') }),
  /** Its clock on the wall is off by so much from now on, ms. */
  z.object({ order: z.literal('setClock'), offsetMs: z.number() }),
]);
export type StormOrder = z.infer<typeof stormOrder>;
