import { hostname } from 'node:os';
import type { Node, NodeAPI, NodeDef, NodeMessage, NodeStatus } from 'node-red';
import type { Store } from '../../src/store/store.js';
import type { StoreObserver } from '../../src/store/store-observer.js';
import { asError, describe, RedlinkError, type ErrorCode } from '../../src/support/errors.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { registerAdmin } from './admin.js';
import { Catalogue } from './catalogue.js';
import type { ComposedStore } from './compose-store.js';
import { watchDeploys } from './deploys.js';
import { instance } from './instance.js';
import { nodeLog } from './node-log.js';
import * as registration from './registration-messages.js';
import { StatusLine } from './status.js';
import { logMode, storeStatus } from './store-status.js';
import type { StoreSecurity } from './store-security.js';
import { tlsSourceOf } from './tls-source.js';
import { readStoreConfig, type StoreConfig } from './store-config.js';
import { textOf } from './values.js';

/** A store whose port is taken is tried again so often, ms: it is there within 2 s of the port being free. */
const LISTEN_RETRY_MS = 1_500;

/** A store whose journal another process has, or whose disk refuses, is tried again so often, ms. */
const START_RETRY_MS = 1_500;

/** What may go by by itself: a process that is ending, a disk that is full. */
const RETRIED_AT_START: readonly ErrorCode[] = ['JOURNAL_LOCKED', 'JOURNAL_IO', 'PAYLOAD_IO'];

/** Registers the node type `redlink store` and the admin routes that all forms use. */
export function registerStore(RED: NodeAPI): void {
  registerAdmin(RED);
  watchDeploys(RED);
  function StoreNode(this: Node, properties: NodeDef): void {
    RED.nodes.createNode(this, properties);
    new StoreNodeRuntime(RED, this, { ...properties }).start();
  }
  RED.nodes.registerType('redlink store', StoreNode, {
    credentials: {
      meshKey: { type: 'password' },
      meshKeyOld: { type: 'password' },
      key: { type: 'password' },
      certificate: { type: 'password' },
    },
  });
}

/** One store node of the flow: makes the store, shows it, ends it. */
class StoreNodeRuntime {
  private readonly clock = new SystemClock();
  private readonly catalogue: Catalogue;
  private readonly statusLine: StatusLine;
  private config: StoreConfig | undefined;
  private store: Store | undefined;
  private security: StoreSecurity | undefined;
  private trouble: string | undefined;
  private retry: NodeJS.Timeout | undefined;
  private endPause: () => void = () => undefined;
  private closed = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly properties: Readonly<Record<string, unknown>>,
  ) {
    this.catalogue = new Catalogue(RED, 'redlink-store');
    this.statusLine = new StatusLine(
      (status) => {
        node.status(status);
      },
      () => this.status(),
    );
  }

  start(): void {
    this.node.on('input', (message, _send, done) => {
      this.input(message, done);
    });
    this.node.on('close', (done: () => void) => {
      void this.close().then(done, (error: unknown) => {
        this.node.error(describe(error));
        done();
      });
    });
    try {
      const settings: Record<string, unknown> = { ...this.RED.settings };
      this.config = readStoreConfig({
        properties: this.properties,
        credentials: { ...this.node.credentials },
        settings,
        hostName: hostname(),
        tlsSource: (id) => tlsSourceOf(this.RED, id),
      });
      instance.claim(this.config.options.name, this.config.port);
      this.starting = this.open(this.config, settings);
    } catch (error) {
      this.config = undefined;
      this.fail(error);
    }
    this.statusLine.update();
  }

  /** The libraries are loaded with the first store: a Node-RED without one pays nothing for them. */
  private async open(config: StoreConfig, settings: Readonly<Record<string, unknown>>): Promise<void> {
    const { name } = config.options;
    try {
      const { roles } = await import('./compose-store.js');
      const made = await this.restore(config, settings);
      if (made === undefined) return;
      const { store, security } = made;
      this.store = store;
      this.security = security;
      this.trouble = undefined;
      instance.publish(store, roles, security);
      logMode(name, security, this.catalogue, nodeLog(this.node));
      await this.listen(store);
    } catch (error) {
      instance.release(name);
      this.fail(error);
    }
  }

  /** Makes the store and brings back its messages; while the disk refuses, again and again. */
  private async restore(
    config: StoreConfig,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<ComposedStore | undefined> {
    const { composeStore, foldersOf } = await import('./compose-store.js');
    const { name } = config.options;
    const folders = foldersOf(
      name,
      textOf(settings['userDir']) || '.',
      textOf(settings['largeMessagesDirectory']),
    );
    const handover = instance.takeHandover(name);
    let { persistence } = config;
    for (;;) {
      const made = await composeStore(
        { ...config, persistence },
        folders,
        nodeLog(this.node),
        this.observer(config),
      );
      const { store } = made;
      try {
        await store.restore(handover);
        if (!this.isClosed()) return made;
        instance.handOver(name, await store.close());
        return undefined;
      } catch (error) {
        await store.close();
        if (this.isClosed()) return undefined;
        if (isCode(error, 'JOURNAL_UNAVAILABLE')) {
          persistence = 'memory';
          const reason = describe(error);
          const english = `store ${name} keeps its messages in memory only: ${reason}`;
          this.node.warn(this.catalogue.text('log.memory', english, { name, reason }));
          continue;
        }
        if (!RETRIED_AT_START.some((code) => isCode(error, code))) throw error;
        if (this.trouble === undefined) this.fail(error);
        instance.notComing(name);
      }
      await this.pause();
      if (this.isClosed()) return undefined;
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.endPause = resolve;
      this.retry = setTimeout(resolve, START_RETRY_MS);
    });
  }

  /** Opens the listener; while it cannot be opened the store serves its own process, and tries again. */
  private async listen(store: Store): Promise<void> {
    try {
      await store.open();
      this.trouble = undefined;
    } catch (error) {
      if (this.closed) return;
      if (this.trouble === undefined) this.fail(error);
      const again = error instanceof RedlinkError && error.code === 'LISTEN_FAILED';
      if (again) {
        this.retry = setTimeout(() => {
          this.starting = this.listen(store);
        }, LISTEN_RETRY_MS);
        this.retry.unref();
      }
    }
    this.statusLine.update();
  }

  /** Asked anew after each wait: the flow may have been stopped meanwhile. */
  private isClosed(): boolean {
    return this.closed;
  }

  private fail(error: unknown): void {
    this.trouble = error instanceof RedlinkError ? this.catalogue.explain(error) : describe(error);
    this.node.error(this.trouble);
    this.statusLine.update();
  }

  private input(message: NodeMessage, done: (error?: Error) => void): void {
    const { store } = this;
    if (store === undefined) {
      done(new RedlinkError('NO_STORE', this.trouble ?? 'The store is not running'));
      return;
    }
    import('./store-commands.js')
      .then(({ runCommand }) => {
        this.send(0, { ...runCommand(store, message.topic, this.clock), _msgid: message._msgid });
        done();
      })
      .catch((error: unknown) => {
        done(asError(error));
      });
  }

  /** Sends by one output; `undefined` in the places before it. */
  private send(output: number, message: Record<string, unknown>): void {
    const outputs: (Record<string, unknown> | null)[] = new Array<null>(output).fill(null);
    outputs.push(message);
    this.node.send(outputs);
  }

  private observer(config: StoreConfig): StoreObserver {
    const { name, address } = config.options;
    const { showRegistration, showDebug } = config;
    const debugOutput = showRegistration ? 2 : 1;
    const isShown = showRegistration || showDebug;
    const tell = (...messages: Record<string, unknown>[]): void => {
      for (const message of messages) {
        if (showRegistration) this.send(1, { ...message });
        if (showDebug) this.send(debugOutput, { storeName: name, action: message['action'], data: message });
      }
    };
    return {
      localAdvertised: (advert) => {
        tell(registration.localAdvertised(name, advert));
      },
      offered: (row) => {
        if (isShown) tell(registration.offered(address, row));
      },
      peerLost: (neighbour, routes) => {
        if (isShown) tell(...registration.peerLost(name, neighbour, routes));
      },
      routesRemoved: (routes) => {
        if (isShown) tell(...registration.routesRemoved(name, routes));
      },
      changed: () => {
        this.statusLine.update();
      },
    };
  }

  /** NODES.md, "Status, one table": the first that applies. */
  private status(): NodeStatus {
    if (this.trouble !== undefined) return { fill: 'red', shape: 'ring', text: this.trouble };
    const { store, security } = this;
    if (store === undefined || security === undefined) {
      return {
        fill: 'grey',
        shape: 'ring',
        text: this.catalogue.text('status.initialising', 'Initialising'),
      };
    }
    return storeStatus(store, security, this.catalogue);
  }

  private async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    this.statusLine.close();
    if (this.config === undefined) return;
    const { name } = this.config.options;
    this.endPause();
    // A deploy ends all its nodes in one turn: the others leave first, so that what has gone with them is said in time.
    await Promise.resolve();
    instance.release(name);
    if (this.store !== undefined) instance.handOver(name, await this.store.close());
    await this.starting;
  }
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof RedlinkError && error.code === code;
}
