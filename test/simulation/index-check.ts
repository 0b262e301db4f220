import type { Engine } from '../../src/engine/engine.js';

/** Where an index of the engine disagrees with the rows of its table; undefined: nowhere. */
export function inconsistency(engine: Engine): string | undefined {
  return messagesInconsistency(engine) ?? notifiesInconsistency(engine) ?? routesInconsistency(engine);
}

function messagesInconsistency({ messages }: Engine): string | undefined {
  const rows = messages.rows();
  if (rows.length !== messages.size) return `inMessages has ${messages.size} rows and shows ${rows.length}`;
  const queued = countBy(rows.filter((row) => row.state === 'queued').map((row) => row.service));
  for (const service of messages.readyServices()) {
    if (!queued.has(service)) return `the ready queue of ${service} outlives its messages`;
  }
  for (const [service, count] of queued) {
    const ready = messages.readyCount(service);
    if (ready !== count) return `${count} messages of ${service} are queued, ${ready} are ready`;
  }
  const bytes = rows.reduce((sum, row) => sum + row.byteLength, 0);
  if (bytes !== messages.bytes) return `the messages take ${bytes} bytes, ${messages.bytes} are counted`;
  for (const row of rows) {
    if (messages.get(row.id) !== row) return `message ${row.id} is not found by its id`;
    const isAssigned = messages.assignedTo(row.consumerStore, row.consumerId).includes(row);
    if (isAssigned !== (row.consumerId !== '')) return `message ${row.id} is not found by its consumer`;
  }
  return undefined;
}

function notifiesInconsistency({ notifies }: Engine): string | undefined {
  const rows = notifies.rows();
  if (rows.length !== notifies.size) return `notify has ${notifies.size} rows and shows ${rows.length}`;
  const waiting = countBy(rows.filter((row) => row.state === 'waiting').map((row) => row.consumerId));
  for (const consumerId of new Set(rows.map((row) => row.consumerId))) {
    const expected = waiting.get(consumerId) ?? 0;
    if (notifies.waitingCount(consumerId) !== expected) return `what waits for ${consumerId} is miscounted`;
    const own = rows.filter((row) => row.consumerId === consumerId).length;
    if (notifies.ofConsumer(consumerId).length !== own) return `the rows of ${consumerId} are miscounted`;
  }
  return undefined;
}

function routesInconsistency({ routes }: Engine): string | undefined {
  const rows = routes.rows();
  return rows.length === routes.size
    ? undefined
    : `globalStoreConsumers has ${routes.size} rows and shows ${rows.length}`;
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
