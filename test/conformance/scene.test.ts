import assert from 'node:assert/strict';
import { legacyCertificate } from './certificate.js';
import type { Json } from './json.js';
import { type Certificate, LegacyStore, post } from './legacy-store.js';
import { type Answer, type Exchange, loadRecordings, type Recording } from './recording.js';
import { Scene } from './scene.js';
import { scriptsOf } from './script.js';

/** Nothing here takes long; what does not come never comes. */
const SHORT_PATIENCE_MS = 500;

/** What the process under test does otherwise than 3.0.5 did. */
interface Twist {
  readonly request?: (exchange: Exchange, body: Json) => Json | undefined;
  readonly answer?: (exchange: Exchange, body: Json) => Json;
  readonly outputs?: (from: string, msg: Json) => Json | undefined;
}

/**
 * Plays process `s2` of `two-store-echo` against a process that itself repeats the recording: what the player
 * finds then is its own mistake, or the twist.
 */
class Repeater {
  private constructor(
    private readonly recording: Recording,
    private readonly scene: Scene,
    private readonly twist: Twist,
  ) {}

  static async findings(certificate: Certificate, twist: Twist): Promise<string[]> {
    const recording = loadRecordings().find(({ scenario }) => scenario === 'two-store-echo');
    const script =
      recording && scriptsOf(recording).find((one) => one.process === 's2' && one.variant === 'flow');
    assert.ok(recording && script);
    const scene = await Scene.prepare(script, 't0', certificate, SHORT_PATIENCE_MS);
    const repeater = new Repeater(recording, scene, twist);
    const ours = await LegacyStore.listen(
      certificate,
      async ({ body }) => repeater.answer(body),
      repeater.portOf('S2'),
    );
    try {
      repeater.emit('storeS2.registration');
      const found = await scene.play();
      return found.map(({ at, field }) => `${at}: ${field}`);
    } finally {
      await Promise.all([ours.close(), scene.close()]);
    }
  }

  /** Answers as recorded; the announcement and the confirmation set off what followed them. */
  private async answer(body: Json): Promise<Answer> {
    const wire = JSON.stringify(this.scene.cast.world.toRecorded(body));
    const isSame = ({ from, to, request }: Exchange): boolean =>
      from === 'S1' && to === 'S2' && JSON.stringify(request.body) === wire;
    const exchange = this.recording.exchanges.find(isSame);
    assert.ok(exchange?.answer, wire);
    if (exchange.kind === 'announce') {
      setImmediate(() => void this.send(['advertise']));
    } else if (exchange.kind === 'confirm') {
      setImmediate(() => void this.send(['read', 'reply']));
    }
    const given = this.twist.answer?.(exchange, exchange.answer.body) ?? exchange.answer.body;
    return { status: exchange.answer.status, headers: {}, body: this.scene.cast.world.toOurs(given) };
  }

  private async send(kinds: readonly string[]): Promise<void> {
    const { world } = this.scene.cast;
    const sent = this.recording.exchanges.filter(
      ({ to, from, kind }) => from === 'S2' && to === 'S1' && kinds.includes(kind),
    );
    for (const exchange of sent) {
      const { path, body } = exchange.request;
      const twisted = this.twist.request === undefined ? body : this.twist.request(exchange, body);
      if (twisted !== undefined) {
        await post(this.portOf('S1'), { path, body: world.toOurs(twisted) });
      }
    }
    if (kinds.includes('reply')) {
      this.emit('consumer2.notify');
      this.emit('consumer2.receive');
    }
  }

  private emit(output: string): void {
    const { world, onOutput } = this.scene.cast;
    for (const { process, from, msg } of this.recording.outputs) {
      const twisted = this.twist.outputs === undefined ? msg : this.twist.outputs(from, msg);
      if (process === 's2' && from === output && twisted !== undefined) {
        onOutput(from, world.toOurs(twisted));
      }
    }
  }

  private portOf(store: string): number {
    const found = this.recording.stores.find(({ name }) => name === `mesh0:${store}`);
    return Number(this.scene.cast.world.toOurs(found?.port ?? ''));
  }
}

describe('the player of recordings', function () {
  this.timeout(20_000);
  let certificate: Certificate;

  before(async () => {
    certificate = await legacyCertificate();
  });

  it('finds nothing where everything is as recorded', async () => {
    assert.deepEqual(await Repeater.findings(certificate, {}), []);
  });

  it('finds a number that should be a text, in a request and in an answer', async () => {
    const asNumber = ({ kind }: Exchange, body: Json): Json =>
      kind === 'read' || kind === 'confirm'
        ? (JSON.parse(JSON.stringify(body).replace('"enm":"25"', '"enm":25')) as Json)
        : body;
    const found = await Repeater.findings(certificate, { request: asNumber, answer: asNumber });
    assert.deepEqual(found.sort(), ['exchange 7 answer: body.enm', 'exchange 9 request: enm']);
  });

  it('finds a request that never comes', async () => {
    const found = await Repeater.findings(certificate, {
      request: ({ kind }, body) => (kind === 'reply' ? undefined : body),
    });
    assert.deepEqual(found, ['exchange 11 request: ']);
  });

  it('finds a message that leaves another output', async () => {
    const found = await Repeater.findings(certificate, {
      outputs: (from, msg) => (from === 'consumer2.receive' ? undefined : msg),
    });
    assert.deepEqual(found, ['output consumer2.receive 1: ']);
  });
});
