/**
 * The layers of docs/ARCHITECTURE.md, as rules. Dependencies point one way:
 * nodes → store, producer, consumer → mesh → engine, payload, journal, transport → security, protocol → support.
 * Adapters (what touches disk, network or database) are chosen in nodes/runtime and handed in as ports.
 */

/** Modules that touch the network or the disk. The core knows only the ports beside them. */
const ADAPTERS =
  '^src/(transport/(https/|memory)|payload/(disk|memory)|journal/(level|none)|support/(system-|file))';

/** @param {string} from folder of `src/` @param {string[]} allowed what it may import of `src/`, besides itself */
function layer(from, allowed) {
  return {
    name: `layer-${from}`,
    comment: `src/${from} may import only ${[from, ...allowed].join(', ')}.`,
    severity: 'error',
    from: { path: `^src/${from}/` },
    to: { path: '^(src|nodes)/', pathNot: `^src/(${[from, ...allowed].join('|')})/` },
  };
}

/** @param {string} name @param {string} packages pattern @param {string} home pattern of the only importers */
function onlyFrom(name, packages, home) {
  return {
    name: `only-importer-of-${name}`,
    comment: `Only ${home} knows ${name}.`,
    severity: 'error',
    from: { path: '^(src|nodes)/', pathNot: home },
    to: { path: packages },
  };
}

/** @param {...string} names */
function npm(...names) {
  return `(^|node_modules/)(@types/)?(${names.join('|')})(/|$)`;
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means that neither file can be read without the other.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere, or to a package that a user would not get.',
      severity: 'error',
      from: { path: '^(src|nodes)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment:
        'Users do not get development dependencies. Types alone vanish in the build. classic-level comes with the ' +
        'package once stores use the journal, slimmed to the limit on its size; its import is lazy and may fail.',
      severity: 'error',
      from: { path: '^(src|nodes)/' },
      to: {
        pathNot: npm('classic-level'),
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
    {
      name: 'core-without-node-red',
      comment: 'Nothing in src/ knows Node-RED.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ['^nodes/', npm('node-red', '@node-red', 'node-red__[a-z-]+')] },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^(src|nodes)/' },
      to: { path: '^(test|bench|scripts|examples)/' },
    },
    {
      name: 'thin-entries',
      comment:
        'The CommonJS entries load everything by import() at run time: a static import would become a require of ' +
        'ES modules, which fails while another node package imports the same ones.',
      severity: 'error',
      from: { path: '^nodes/[^/]+\\.ts$' },
      to: { dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ports-not-adapters',
      comment: 'Adapters are handed in, so that the core also runs on a virtual clock and network.',
      severity: 'error',
      from: { path: '^src/', pathNot: ADAPTERS },
      to: { path: ADAPTERS },
    },
    layer('support', []),
    layer('protocol', ['support']),
    layer('security', ['support']),
    layer('transport', ['security', 'protocol', 'support']),
    layer('payload', ['protocol', 'support']),
    layer('journal', ['protocol', 'support']),
    layer('engine', ['protocol', 'support']),
    layer('mesh', ['engine', 'transport', 'security', 'protocol', 'support']),
    {
      name: 'nodes-through-the-store',
      comment: 'Node-RED’s side has no messaging logic: it talks to store, producer and consumer.',
      severity: 'error',
      from: { path: '^nodes/' },
      to: { path: '^src/(engine|mesh)/' },
    },
    onlyFrom('alasql', npm('alasql'), '^src/engine/'),
    onlyFrom('classic-level', npm('classic-level'), '^src/journal/level'),
    onlyFrom(
      'the network',
      `${npm('express', 'got', 'selfsigned', 'hpagent')}|^(node:)?(https?|http2|tls|dgram|dns)$`,
      '^src/transport/https/',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
