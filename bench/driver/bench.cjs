/**
 * Nodes of the bench. `bench driver` is the loop: it sends a message for each answer that comes back into it, so many at a
 * time, and measures. `bench sink` does nothing. Orders come over the channel of the process, results go back there.
 */
/** Between two looks at what a store knows, ms. */
const WATCH_EVERY_MS = 5;

/** The number of a message stands before its filling, so that it comes back whatever carries it. */
const payloadOf = (number, bytes) =>
  `${number}|${'x'.repeat(Math.max(0, bytes - String(number).length - 1))}`;
const numberOf = (payload) => Number.parseInt(payload, 10);

function quantile(sorted, part) {
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** Goes round with the event loop, and knows the longest that a turn took. */
function watchTurns() {
  let last = performance.now();
  let longest = 0;
  let going = true;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (going) setImmediate(look);
  };
  setImmediate(look);
  return {
    begin() {
      last = performance.now();
      longest = 0;
    },
    end() {
      going = false;
      return longest;
    },
  };
}

module.exports = (RED) => {
  function Driver(config) {
    RED.nodes.createNode(this, config);
    const sentAt = new Map();
    let number = 0;
    let answered = () => undefined;
    this.on('input', (msg, _send, done) => {
      answered(numberOf(msg.payload));
      done();
    });

    const sendOne = (bytes) => {
      number += 1;
      sentAt.set(number, performance.now());
      this.send({ payload: payloadOf(number, bytes) });
    };

    /** A closed loop: `inFlight` messages are under way at any time, for `ms`. */
    const loop = ({ inFlight, ms, bytes }) =>
      new Promise((resolve) => {
        const latencies = [];
        const startedAt = performance.now();
        const endsAt = startedAt + ms;
        let underWay = 0;
        const next = () => {
          underWay += 1;
          sendOne(bytes);
        };
        answered = (answer) => {
          const at = sentAt.get(answer);
          if (at === undefined) return;
          sentAt.delete(answer);
          underWay -= 1;
          const now = performance.now();
          if (now < endsAt) {
            latencies.push(now - at);
            next();
          } else if (underWay === 0) {
            latencies.sort((a, b) => a - b);
            resolve({
              count: latencies.length,
              perSecond: (latencies.length / ms) * 1_000,
              p50: quantile(latencies, 0.5),
              p99: quantile(latencies, 0.99),
            });
          }
        };
        for (let started = 0; started < inFlight; started += 1) next();
      });

    /** Everything at once: how long until all were taken in, and the longest turn of the event loop meanwhile. */
    const burst = async ({ count, bytes }) => {
      // Not all the time: a hook makes every node a little slower.
      RED.hooks.add('onComplete.bench', ({ node }) => {
        if (node.node.type === 'redlink producer' || node.node.type === 'bench sink') completed.one();
      });
      globalThis.gc?.();
      const loopTurns = watchTurns();
      // The watch must have begun: a turn that was under way before it is none of the burst's.
      await new Promise((resolve) => setImmediate(resolve));
      loopTurns.begin();
      const startedAt = performance.now();
      const taken = new Promise((resolve) => {
        completed.waitFor(count, resolve);
      });
      for (let n = 0; n < count; n += 1) sendOne(bytes);
      await taken;
      const ms = performance.now() - startedAt;
      await new Promise((resolve) => setImmediate(resolve));
      RED.hooks.remove('onComplete.bench');
      return { count, ms, heldMs: loopTurns.end() };
    };

    /** The same Buffer again and again, the next when the last was answered. */
    const large = ({ bytes, times }) =>
      new Promise((resolve) => {
        const payload = Buffer.alloc(bytes, 'x');
        const startedAt = performance.now();
        let left = times;
        answered = () => {
          left -= 1;
          if (left === 0) resolve({ ms: performance.now() - startedAt });
          else this.send({ payload });
        };
        this.send({ payload });
      });

    /** When a store knows the first service, and when so many; epoch ms. */
    const watch = async ({ store, count }) => {
      const { instance } = await import('../../dist/nodes/runtime/instance.js');
      let firstAt;
      for (;;) {
        const known = instance.find(store)?.services().length ?? 0;
        const now = performance.timeOrigin + performance.now();
        if (known > 0) firstAt ??= now;
        if (known >= count) return { firstAt, allAt: now };
        await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
      }
    };

    const jobs = { loop, burst, large, watch };
    const onOrder = (order) => {
      if (order.driver !== config.id) return;
      sentAt.clear();
      jobs[order.job](order).then(
        (result) => process.send({ driver: config.id, result }),
        (error) => process.send({ driver: config.id, error: String(error) }),
      );
    };
    process.on('message', onOrder);
    this.on('close', () => process.off('message', onOrder));
  }

  /** Counts what nodes have said `done()` for: a producer does when its message is accepted. */
  const completed = {
    left: Infinity,
    resolve: undefined,
    waitFor(count, resolve) {
      this.left = count;
      this.resolve = resolve;
    },
    one() {
      this.left -= 1;
      if (this.left === 0) this.resolve();
    },
  };

  function Sink(config) {
    RED.nodes.createNode(this, config);
    this.on('input', (_msg, _send, done) => done());
  }

  function Measure(config) {
    RED.nodes.createNode(this, config);
    this.on('input', (msg, send, done) => {
      send({ ...msg, payload: msg.payload.length });
      done();
    });
  }

  RED.nodes.registerType('bench measure', Measure);
  RED.nodes.registerType('bench driver', Driver);
  RED.nodes.registerType('bench sink', Sink);

  process.on('message', ({ collect }) => {
    if (collect === undefined) return;
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    process.send({ memory: { heapUsed, rss } });
  });
};
