/**
 * What Node-RED's scorecard (`node-red-dev validate`) looks at, as far as that needs no network. It asks the network
 * whether another package has the same node types or name, whether dependencies are the latest, and where the
 * repository is; those are left out here.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');

const manifest = z
  .object({
    name: z.string(),
    description: z.string().min(1),
    version: z.string(),
    license: z.string(),
    homepage: z.url(),
    bugs: z.url(),
    keywords: z.array(z.string()),
    engines: z.object({ node: z.string() }),
    files: z.array(z.string()),
    dependencies: z.record(z.string(), z.string()),
    'node-red': z.object({ version: z.string(), nodes: z.record(z.string(), z.string()) }),
  })
  .parse(JSON.parse(read('package.json')));

const flow = z.array(z.looseObject({ type: z.string() }));

/** `>=20.19` and the like: a lowest version, which is what the palette manager compares with. */
const LOWEST = /^>=\d+(\.\d+){0,2}$/;

/** A type that a node's form registers. */
const REGISTERED = /RED\.nodes\.registerType\(\s*'([^']+)'/g;

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), 'utf8');
}

/** The form beside the script of a node, as it is before the build copies it. */
function formOf(script: string): string {
  return read(script.replace(/^dist\//, '').replace(/\.js$/, '.html'));
}

function typesIn(form: string): string[] {
  return [...form.matchAll(REGISTERED)].map(([, type = '']) => type);
}

/** The types of Node-RED's own nodes, which no other package may register. */
function coreTypes(): string[] {
  const fromNodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
  const core = join(dirname(fromNodeRed.resolve('@node-red/nodes/package.json')), 'core');
  return readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html') && !file.includes('locales'))
    .flatMap((file) => typesIn(readFileSync(join(core, file), 'utf8')));
}

describe("Node-RED's scorecard", () => {
  const entries = Object.entries(manifest['node-red'].nodes);
  const types = entries.flatMap(([, script]) => typesIn(formOf(script)));

  it('finds a name, a licence with its text, a description, where to report a mistake, and the keyword of palettes', () => {
    assert.ok(manifest.bugs.startsWith('https://') && manifest.homepage.startsWith('https://'));
    assert.match(manifest.name, /^(@[^/]+\/|node-red-contrib-)/);
    assert.equal(manifest.license, 'Apache-2.0');
    assert.match(read('LICENSE'), /Apache License\s+Version 2\.0/);
    assert.ok(manifest.keywords.includes('node-red'));
  });

  it('finds the lowest versions of Node-RED and Node.js', () => {
    assert.match(manifest['node-red'].version, LOWEST);
    assert.match(manifest.engines.node, LOWEST);
  });

  it('finds a README whose pictures and links into the package are there', () => {
    const links = [...read('README.md').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    assert.ok(links.length > 0);
    assert.deepEqual(
      links.filter((path) => !existsSync(join(root, path))),
      [],
    );
  });

  it('finds three types, each registered once and none of them one of Node-RED itself', () => {
    assert.deepEqual([...types].sort(), ['redlink consumer', 'redlink producer', 'redlink store']);
    const core = coreTypes();
    assert.ok(core.includes('inject'), 'the types of Node-RED were not found');
    assert.deepEqual(
      types.filter((type) => core.includes(type)),
      [],
    );
  });

  it('finds help, an icon and an example for each type', () => {
    const examples = readdirSync(join(root, 'examples'))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => flow.parse(JSON.parse(read('examples', file))));
    for (const [name, script] of entries) {
      const [type = ''] = typesIn(formOf(script));
      const help = read('locales', 'en-US', `${name}.html`);
      assert.ok(help.includes(`data-help-name="${type}"`), `${type} has no help`);
      assert.ok(existsSync(join(root, 'icons', `${name}.svg`)), `${type} has no icon`);
      assert.ok(
        examples.some((node) => node.type === type),
        `${type} is in no example`,
      );
    }
    assert.ok(manifest.files.includes('examples'));
  });

  it('finds exact or compatible ranges of dependencies, from the registry alone', () => {
    const odd = Object.entries(manifest.dependencies).filter(
      ([, range]) => !/^[~^]?\d+\.\d+\.\d+$/.test(range),
    );
    assert.deepEqual(odd, []);
  });
});
