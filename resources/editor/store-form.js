/** The form of a store. */
import * as checks from './checks.js';
import { field, onInput, ticked } from './fields.js';
import { rememberName } from './followers.js';
import { ask, nameOf, nodesInEditor } from './known.js';
import { prepareMeshKey } from './mesh-key.js';
import { fillMissing, setWhileOpen, takeBackIfUnchanged } from './missing-properties.js';
import * as northPeers from './north-peers.js';
import { note, noteCheck, problemText } from './notes.js';
import { moveOutputs } from './outputs.js';
import { foldSections, openWarnedSections, summarise } from './sections.js';
import { listToText, textToList } from './texts.js';
import { readableBytes, showReadable } from './units.js';

/** Sources that a store listens to unless told otherwise: this machine, and private networks. */
export const PRIVATE_SOURCES = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/** How the addresses of {@link PRIVATE_SOURCES} begin. */
const PRIVATE_ADDRESS = /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.|^(::1\b|f[cd]|fe[89ab])/i;

/** Properties that are lists of names or ranges, each shown as one field of text. */
const LISTS = ['allowedSources', 'servicesOffer', 'servicesProduce', 'servicesCarry'];

const text = (key, values) => RED._('node-red-contrib-redlink/redlink-store:redlink-store.' + key, values);
const listField = (name) => $('#redlink-store-' + name);

/** Names of the outputs that a store has, in their order. */
export function outputsOf({ showRegistration, showDebug }) {
  return ['command', showRegistration && 'registration', showDebug && 'debug'].filter(Boolean);
}

async function prepareAddress(node) {
  if (!node.listenAddress && !node.oldStore) {
    const hostname = await ask('hostname', '');
    field('listenAddress')
      .val((index, value) => value || hostname)
      .trigger('change');
  }
}

/** A key and a certificate that 3.0.5 left in the flow are shown where credentials belong. */
function prepareCertificate(node) {
  const { credentials } = node;
  if (node.userKey && !credentials?.has_key) field('key').val(node.userKey);
  if (node.userCertificate && !credentials?.has_certificate) field('certificate').val(node.userCertificate);
  onInput([field('isUserCertificate')], () => {
    $('.redlink-store-certificate').toggle(ticked('isUserCertificate'));
  });
  onInput([field('security')], () => {
    $('.redlink-store-proof').toggle(field('security').val() === 'mesh');
  });
}

// --- notes ------------------------------------------------------------------------------------

/** Whether a node would run: neither it nor its tab is disabled. */
const isEnabled = ({ d, z }) => !d && !RED.nodes.workspace(z)?.disabled;

function noteBasics(node) {
  const others = nodesInEditor('redlink store').filter((store) => store.id !== node.id && isEnabled(store));
  const sameName = () => nameOf({ name: field('name').val(), meshName: field('meshName').val() });
  note(
    field('name'),
    (name) => {
      if (checks.blank(name)) return text('warning.blankName');
      return others.some((other) => nameOf(other) === sameName()) && text('warning.name');
    },
    [field('meshName')],
  );
  note(field('meshName'), (mesh) => checks.blank(mesh) && text('warning.blankMesh'));
  note(field('listenAddress'), (address) => {
    const problem = problemText(checks.host(address));
    return problem ?? { info: text('hint.listenAddress') };
  });
  note(field('listenPort'), (port) => {
    const problem = problemText(checks.port(port));
    if (problem) return problem;
    const other = others.find((store) => String(store.listenPort).trim() === port.trim());
    return other && text('warning.portTaken', { store: nameOf(other) });
  });
}

function noteSecurity() {
  const proof = ['security', 'meshKey', 'tls'].map(field);
  note(field('security'), (mode) => mode === 'legacy' && { info: text('hint.legacy') });
  note(
    field('meshKey'),
    (key) => {
      if (field('security').val() !== 'mesh') return undefined;
      const problem = problemText(checks.meshKey(key));
      if (problem) return problem;
      const hasTls = (field('tls').val() ?? '_ADD_') !== '_ADD_' && field('tls').val() !== '';
      if (checks.blank(key) && !hasTls) return text('warning.noKey');
      if (checks.blank(key)) return undefined;
      return { info: text(key === checks.HIDDEN ? 'hint.keySaved' : 'hint.key') };
    },
    proof,
  );
  noteCheck(field('meshKeyOld'), checks.meshKey);
  for (const name of ['key', 'certificate']) {
    note(
      field(name),
      (pem) => {
        if (!ticked('isUserCertificate')) return undefined;
        return checks.blank(pem) ? text('warning.blankPem') : problemText(checks.pem(pem));
      },
      [field('isUserCertificate')],
    );
  }
}

function noteLimits() {
  note(
    listField('allowedSources'),
    (shown) => {
      const list = textToList(shown);
      if (list.length === 0) return { info: text('hint.allowedSources') };
      const problem = problemText(checks.ranges(list));
      if (problem) return problem;
      const open = list.find((range) => !checks.left(range) && !PRIVATE_ADDRESS.test(range));
      return open && !ticked('allowPublic') ? text('warning.publicRange', { range: open }) : undefined;
    },
    [field('allowPublic')],
  );
  note(field('persistence'), (kept) => kept === 'memory' && { info: text('hint.memory') });
  noteCheck(field('maxMessages'), checks.wholeNumber(1));
  noteCheck(field('maxBytes'), checks.wholeNumber(1));
  showReadable('maxBytes', readableBytes);
}

function notePeers() {
  const list = $('#redlink-store-north-peers');
  const update = note(list, northPeers.problem, [field('listenAddress'), field('listenPort')]);
  list.on('redlink:changed', update);
}

function summariseSections() {
  const peers = () => [text('summary.peers', { count: northPeers.read().length })];
  const list = $('#redlink-store-north-peers');
  list.on('redlink:changed', summarise('peers', [], peers));
  summarise('security', ['security'], () => [text('security.' + field('security').val())]);
  summarise('access', ['allowPublic'], () => [
    text(ticked('allowPublic') ? 'summary.public' : 'summary.private'),
  ]);
  summarise('storage', ['persistence'], () => [text('persistence.' + field('persistence').val())]);
  summarise('outputs', ['showRegistration', 'showDebug'], () =>
    outputsOf({ showRegistration: ticked('showRegistration'), showDebug: ticked('showDebug') }).map((name) =>
      text('output.' + name),
    ),
  );
}

// --- opening and saving -----------------------------------------------------------------------

/** North peers of the settings were offered to this node: its next save ends that. */
let offered = false;

export function prepare(node) {
  fillMissing(node, { security: 'legacy' });
  LISTS.forEach((name) => listField(name).val(listToText(node[name])));
  rememberName(node);
  foldSections(node.type);
  prepareCertificate(node);
  offered = false;
  void northPeers.prepare(node).then((some) => (offered = some));
  prepareMeshKey();
  noteBasics(node);
  notePeers();
  noteSecurity();
  noteLimits();
  summariseSections();
  openWarnedSections();
  void prepareAddress(node);
  if (!node.oldStore) setWhileOpen(node, 'oldStore', true);
}

/** @returns whether the node counts as changed whatever its values: settings are offered once. */
export function save(node) {
  takeBackIfUnchanged(node);
  const peers = northPeers.read();
  if (JSON.stringify(peers) !== JSON.stringify(node.headers ?? [])) node.headers = peers;
  for (const name of LISTS) {
    const shown = listField(name).val();
    if (shown !== listToText(node[name])) node[name] = textToList(shown);
  }
  if (node.userKey) node.userKey = '';
  if (node.userCertificate) node.userCertificate = '';
  moveOutputs(
    outputsOf(node),
    outputsOf({ showRegistration: ticked('showRegistration'), showDebug: ticked('showDebug') }),
  );
  return offered;
}
