/** What a store shows of its inside, for the side that presents it to people; read only. */
export type { ConsumerRow, MessageRow, NotifyRow, ReplyRow, RouteRow, StoreRow } from '../engine/rows.js';
export type { Neighbour, NorthPeer } from '../mesh/neighbours.js';
