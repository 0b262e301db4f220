/** What a reader learns of a message besides its payload. */
export interface MessageMeta {
  readonly messageId: string;
  readonly storeName: string;
  readonly service: string;
  readonly read: boolean;
  readonly sendOnly: boolean;
  readonly producerId: string;
  /** What stays at the producer, serialised; empty text where there is none or it does not fit. */
  readonly preserved: string;
  /** Epoch milliseconds of acceptance. */
  readonly acceptedEpochMs: number;
  readonly priority: number;
  readonly large: boolean;
  /** Whole seconds since acceptance. */
  readonly ageS: number;
  /** Whole seconds since the notify. */
  readonly sinceNotifyS: number;
  readonly reversePath: boolean;
  /** Empty text where a relay left it out. */
  readonly consumerId: string;
  /** Milliseconds until the producer gives up; undefined from a 3.0.5 store, `Infinity`: never. */
  readonly deadlineInMs: number | undefined;
  /** Which delivery of the message this is, from 1; a 3.0.5 store knows of no second. */
  readonly deliveryCount: number;
}
