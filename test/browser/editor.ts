import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { z } from 'zod';

/** Debian's Chromium, unless the variable names another. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Without a display, as root in a container, and without talking to anyone. */
const CHROMIUM_ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Large enough that the palette, a form and the sidebar lie side by side. */
const WINDOW = { width: 1600, height: 1000 };

/** How long any single step in the page may take on a busy machine. */
const STEP_TIMEOUT_MS = 15_000;

/** A drag counts as one for Node-RED when the mouse moves in several steps. */
const DRAG_STEPS = 8;

const nodeInEditor = z.looseObject({
  id: z.string(),
  type: z.string(),
  changed: z.boolean().optional(),
  valid: z.boolean().optional(),
  validationErrors: z.array(z.string()).optional(),
});

/** A node as the editor holds it: what an export would contain, and the marks that it wears. */
export type NodeInEditor = z.infer<typeof nodeInEditor>;

/** A value of a form's field: text for inputs and lists, a boolean for ticks. */
export type FieldValue = string | boolean;

/** Node-RED's editor in a browser, worked with mouse and keyboard as a person does. */
export class Editor {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    /** What went wrong in the page: errors thrown, and errors on its console. */
    readonly problems: string[],
  ) {}

  /**
   * Opens the editor and waits until it can be worked with.
   * @throws Error where there is no browser: a test without one has not passed
   */
  static async open(url: string): Promise<Editor> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
    try {
      const page = await browser.newPage({ viewport: WINDOW });
      page.setDefaultTimeout(STEP_TIMEOUT_MS);
      const editor = new Editor(browser, page, gatherProblems(page));
      await page.goto(url);
      await editor.ready();
      return editor;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /**
   * Drags a node from the palette onto the canvas.
   * @returns the id of the new node
   */
  async drag(type: string, x: number, y: number): Promise<string> {
    const before = new Set((await this.nodes()).map((node) => node.id));
    const entry = this.paletteEntry(type);
    await entry.scrollIntoViewIfNeeded();
    const chart = await box(this.page.locator('#red-ui-workspace-chart'));
    await this.dragMouse(await centre(entry), { x: chart.x + x, y: chart.y + y });
    const added = (await this.nodes()).find((node) => !before.has(node.id));
    if (!added) throw new Error(`${type} did not land on the canvas`);
    return added.id;
  }

  /** Draws a wire with the mouse, from an output (0 is the first) to the input of another node. */
  async wire(from: string, output: number, to: string): Promise<void> {
    await this.dragMouse(
      await centre(this.onCanvas(from).locator('.red-ui-flow-port-output .red-ui-flow-port').nth(output)),
      await centre(this.onCanvas(to).locator('.red-ui-flow-port-input .red-ui-flow-port')),
    );
  }

  /** Opens a node's form. */
  async openForm(id: string): Promise<void> {
    await this.page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
    await this.page.locator('#node-dialog-ok').waitFor();
    await this.trayAtRest();
  }

  /** @returns a field of the open form. The forms name them `node-input-PROPERTY`. */
  field(property: string): Locator {
    return this.page.locator(`#node-input-${property}`);
  }

  /** Fills fields of the open form, by property; what lies in a folded group is found there. */
  async fill(values: Record<string, FieldValue>): Promise<void> {
    for (const [property, value] of Object.entries(values)) {
      await this.unfold(this.field(property));
      await setField(this.field(property), value);
    }
  }

  /** In the open form of an inject node: makes the payload this text. */
  async choosePayload(text: string): Promise<void> {
    await this.page.evaluate(
      `$(".node-input-prop-property-value").first().typedInput("type", "str").typedInput("value", ${JSON.stringify(text)})`,
    );
  }

  /** @returns what the open form shows for these properties. */
  async shown(properties: readonly string[]): Promise<Record<string, FieldValue>> {
    const values: Record<string, FieldValue> = {};
    for (const property of properties) {
      const field = this.field(property);
      const isTick = (await field.getAttribute('type')) === 'checkbox';
      values[property] = isTick ? await field.isChecked() : await field.inputValue();
    }
    return values;
  }

  /** @returns what the open form says below a field: warnings and hints. */
  async notesBelow(field: Locator): Promise<string> {
    const ids = ((await field.getAttribute('aria-describedby')) ?? '').split(' ').filter(Boolean);
    const texts = await Promise.all(ids.map((id) => this.page.locator(`#${id}`).innerText()));
    return texts.join(' ').trim();
  }

  /** @returns how many fields of the open form are marked as invalid. */
  async invalidFields(): Promise<number> {
    return this.page.locator('.red-ui-tray .input-error').count();
  }

  /** Unfolds the group of the form that a field lies in. */
  async unfold(field: Locator): Promise<void> {
    const section = field.locator('xpath=ancestor::*[contains(@class, "redlink-section")][@data-section]');
    if ((await section.count()) === 0) return;
    const header = section.locator('.redlink-section-header');
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  /** Unfolds all groups of the open form. */
  async unfoldAll(): Promise<void> {
    const folded = this.page.locator('.redlink-section-header[aria-expanded="false"]:visible');
    while ((await folded.count()) > 0) await folded.first().click();
  }

  /** Closes the form with Done, which keeps what was entered. */
  async done(): Promise<void> {
    await this.page.locator('#node-dialog-ok').click();
    await this.formClosed();
  }

  /** Closes the form with Cancel. */
  async cancel(): Promise<void> {
    await this.page.locator('#node-dialog-cancel').click();
    await this.formClosed();
  }

  /** Changes settings that the editor keeps in this browser, and loads it anew. */
  async withSettings(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.page.evaluate(
      `Object.entries(${JSON.stringify(settings)}).forEach(([key, value]) => localStorage.setItem(key, value))`,
    );
    await this.page.reload();
    await this.ready();
  }

  /** Imports a flow, given as in a file, by way of the import dialog; tabs in it become tabs here. */
  async import(flow: readonly unknown[]): Promise<void> {
    await this.page.evaluate('RED.actions.invoke("core:show-import-dialog")');
    const text = this.page.locator('#red-ui-clipboard-dialog-import-text');
    await text.fill(JSON.stringify(flow));
    // The dialog looks at its text when a key is released.
    await text.press('End');
    await this.page.locator('#red-ui-clipboard-dialog-ok').click();
    await text.waitFor({ state: 'hidden' });
    // Nodes that are there already are asked about: a copy of them is made.
    const copy = this.page.getByRole('button', { name: 'Import copy' });
    if (!(await copy.isVisible())) return;
    await copy.click();
    await copy.waitFor({ state: 'hidden' });
  }

  /** Shows one of the tabs of the canvas. */
  async showFlow(id: string): Promise<void> {
    await this.page.evaluate(`RED.workspaces.show(${JSON.stringify(id)})`);
  }

  /** Presses Deploy and waits until the new flows run. */
  async deploy(): Promise<void> {
    await this.page.locator('#red-ui-header-button-deploy').click();
    await this.page.waitForFunction('!RED.nodes.dirty()');
  }

  /** Presses the button of an inject node. */
  async press(id: string): Promise<void> {
    await this.onCanvas(id).locator('.red-ui-flow-node-button-button').click();
  }

  /** Waits until the debug sidebar shows a message with this text. */
  async sees(text: string): Promise<void> {
    await this.page.evaluate('RED.sidebar.show("debug")');
    await this.page.locator('.red-ui-debug-msg', { hasText: text }).first().waitFor();
  }

  /** @returns the nodes of all tabs. */
  async nodes(): Promise<NodeInEditor[]> {
    const nodes: unknown = await this.page.evaluate(
      `RED.nodes.filterNodes({}).map((node) => ({
        ...RED.nodes.convertNode(node, true),
        changed: node.changed, valid: node.valid, validationErrors: node.validationErrors
      }))`,
    );
    return z.array(nodeInEditor).parse(nodes);
  }

  /** @returns whether there is anything to deploy. */
  async isDirty(): Promise<boolean> {
    return z.boolean().parse(await this.page.evaluate('RED.nodes.dirty()'));
  }

  /** @returns the names of a node's outputs, as the tips over its ports show them. */
  async outputLabels(id: string): Promise<string[]> {
    const labels: unknown = await this.page.evaluate(
      `(() => {
        const node = RED.nodes.node(${JSON.stringify(id)});
        return Array.from({ length: node.outputs }, (_, index) => node._def.outputLabels.call(node, index));
      })()`,
    );
    return z.array(z.string()).parse(labels);
  }

  /** @returns what is written on a node on the canvas. */
  async label(id: string): Promise<string> {
    return (await this.onCanvas(id).locator('.red-ui-flow-node-label-text').textContent()) ?? '';
  }

  /** @throws Error where there is no such node */
  async node(id: string): Promise<NodeInEditor> {
    const node = (await this.nodes()).find((candidate) => candidate.id === id);
    if (!node) throw new Error(`no node ${id} in the editor`);
    return node;
  }

  onCanvas(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** Waits until the editor has loaded all that it shows. */
  async ready(): Promise<void> {
    await this.paletteEntry('redlink consumer').waitFor({ state: 'attached' });
    await this.page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  }

  private paletteEntry(type: string): Locator {
    return this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
  }

  private async formClosed(): Promise<void> {
    await this.page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
  }

  /** Waits until the form has slid in: before, a click would miss it. */
  async trayAtRest(): Promise<void> {
    await this.page.waitForFunction('parseFloat($(".red-ui-tray").css("right")) === 0');
  }

  private async dragMouse(from: Point, to: Point): Promise<void> {
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(to.x, to.y, { steps: DRAG_STEPS });
    await this.page.mouse.up();
  }
}

function gatherProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // What a form throws, Node-RED catches and only notes.
    const thrownByForm = /^onedit(prepare|save|cancel) /.test(message.text());
    if (message.type() === 'error' || thrownByForm) {
      problems.push(`${message.text()} ${message.location().url}`);
    }
  });
  return problems;
}

interface Point {
  x: number;
  y: number;
}

async function box(locator: Locator): Promise<Point & { width: number; height: number }> {
  const bounds = await locator.boundingBox();
  if (!bounds) throw new Error('the element is not visible');
  return bounds;
}

async function centre(locator: Locator): Promise<Point> {
  const { x, y, width, height } = await box(locator);
  return { x: x + width / 2, y: y + height / 2 };
}

async function setField(field: Locator, value: FieldValue): Promise<void> {
  if (typeof value === 'boolean') {
    await field.setChecked(value);
  } else if ((await field.locator('xpath=self::select').count()) > 0) {
    await field.selectOption(value);
  } else {
    await field.fill(value);
  }
}
