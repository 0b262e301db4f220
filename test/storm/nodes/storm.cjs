/**
 * Nodes of the storms over whole Node-RED processes. What the producers and consumers take and the consumers give is noted by Node-RED's hooks,
 * which outlive every deploy, in the ledger of the process (test/storm/ledger.ts); what the producers give, when it has arrived: a deploy
 * drops what lies between two nodes. `storm echo` answers a consumer after a while, `storm sink` is the end of a wire. Orders come over
 * the channel of the process.
 */
const { openSync, writeSync } = require('node:fs');

const MS_PER_SECOND = 1_000;
/** Between two looks at the pace, ms. */
const FEED_EVERY_MS = 20;
/** Between two reports, ms. */
const REPORT_EVERY_MS = 200;

const KINDS = ['redeliver', 'once', 'sendOnly'];

/** Milliseconds since 1970 by a clock that nobody can set while the process lives. */
const now = () => performance.timeOrigin + performance.now();

module.exports = (RED) => {
  const ledger = openSync(process.env.STORM_LEDGER, 'a');
  const note = (entry) => writeSync(ledger, `${JSON.stringify({ ...entry, at: now() })}\n`);

  /** Messages that went into a producer, and replies and failures that came out. */
  let tried = 0;
  let ended = 0;
  /** Those of which an end is seen. */
  let counted = 0;

  const kindOf = (producerNode) => producerNode.id.slice('producer-'.length);

  /** One that is only sent counts when the next node has it: nobody would send it again. */
  const fromConsumer = ({ payload, deliveryCount = 1, sendOnly }) => {
    if (sendOnly !== 'true') note({ saw: 'received', number: payload.number, delivery: deliveryCount });
  };

  const replied = (msg) => {
    ended += 1;
    note({ saw: 'replied', number: msg.payload.number, mayRepeat: msg.redelivered === true });
  };

  const failed = (msg) => {
    // Said of what the store never had: nobody gives it again.
    if (msg.action === 'producerSend') return;
    ended += 1;
    note({ saw: 'failed', number: msg.message.payload.number, code: msg.code, read: msg.read });
  };

  const refused = (msg) => {
    if (msg.action !== 'producerSend') return;
    ended += 1;
    note({ saw: 'refused', number: (msg.message ?? msg.originalMessage).payload.number, code: msg.code });
  };

  RED.hooks.add('onSend.storm', (events) => {
    for (const { msg, source } of events) {
      if (source.node.type === 'redlink consumer' && source.port === 0) fromConsumer(msg);
      if (source.node.type === 'redlink producer') refused(msg);
    }
  });

  RED.hooks.add('onReceive.storm', ({ msg, destination }) => {
    if (destination.node.type === 'redlink consumer') note({ saw: 'returned', number: msg.payload.number });
  });

  // A producer says that it is done when its store has the message.
  RED.hooks.add('onComplete.storm', ({ msg, node, error }) => {
    if (node.node.type !== 'redlink producer' || error !== undefined) return;
    note({ saw: 'accepted', number: msg.payload.number, kind: kindOf(node.node) });
  });

  function Echo(config) {
    RED.nodes.createNode(this, config);
    const answers = new Map();
    this.on('input', ({ redlinkMsgId, payload, sendOnly }, send, done) => {
      if (sendOnly === 'true') {
        note({ saw: 'received', number: payload.number, delivery: 1 });
        return done();
      }
      note({ saw: 'reached', number: payload.number });
      const answer = () => {
        note({ saw: 'answered', number: payload.number });
        send({ redlinkMsgId, payload: { number: payload.number } });
        done();
      };
      if (!(config.delay > 0)) return answer();
      const timer = setTimeout(() => {
        answers.delete(timer);
        answer();
      }, Math.random() * config.delay);
      answers.set(timer, answer);
    });
    // It answers what it holds: its consumer may go on without it.
    this.on('close', () => {
      for (const [timer, answer] of answers) {
        clearTimeout(timer);
        answer();
      }
    });
  }

  function Sink(config) {
    RED.nodes.createNode(this, config);
    const take = { replied, failed }[config.saw];
    this.on('input', (msg, _send, done) => {
      take?.(msg);
      done();
    });
  }

  RED.nodes.registerType('storm echo', Echo);
  RED.nodes.registerType('storm sink', Sink);

  /** Sends at an even pace until so many have gone in, over all feeds, but no more than `most` without an end at a time; send-only messages show none, and are not counted. */
  const feed = ({ count, perSecond, bytes, most }) => {
    const startedAt = now();
    const first = tried;
    const filling = 'x'.repeat(bytes);
    const step = () => {
      const due = Math.min(count, first + ((now() - startedAt) * perSecond) / MS_PER_SECOND);
      while (tried < due && counted - ended < most) {
        const kind = KINDS[tried % KINDS.length];
        const producer = RED.nodes.getNode(`producer-${kind}`);
        // In the midst of a deploy, or deleted by one.
        if (!producer) break;
        if (kind !== 'sendOnly') counted += 1;
        producer.receive({ payload: { number: tried, filling } });
        tried += 1;
      }
      if (tried < count) setTimeout(step, FEED_EVERY_MS);
    };
    const report = () => {
      process.send({ tried });
      if (tried < count) setTimeout(report, REPORT_EVERY_MS);
    };
    step();
    report();
  };

  process.on('message', (order) => {
    if (order.feed !== undefined) feed(order.feed);
    if (order.collect === undefined) return;
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send({ memory: { heapUsed, external, rss } });
  });
};
