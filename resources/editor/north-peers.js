/** The list of north peers in the form of a store, and the test of each. */
import * as checks from './checks.js';
import { ask } from './known.js';
import { problemText } from './notes.js';
import { text } from './texts.js';

/** What a row begins with, and the types that 3.0.5 saved. */
const NEW_PEER = { ip: 'localhost', port: '2000', redistribute: 'false' };

const list = () => $('#redlink-store-north-peers');
const rows = () => list().editableList('items').toArray();

/** One row of north peers. */
function addRow(row, index, saved) {
  const peer = { ...NEW_PEER, ...saved };
  row.addClass('redlink-peer').data('saved', peer);
  const input = (name) =>
    $('<input type="text" class="redlink-peer-' + name + '">')
      .attr({ placeholder: text('peer.' + name), 'aria-label': text('peer.' + name) })
      .val(peer[name])
      .appendTo(row);
  input('ip');
  input('port');
  const tick = $('<label>').attr('title', text('peer.redistributeTip'));
  $('<input type="checkbox" class="redlink-peer-redistribute">')
    .prop('checked', String(peer.redistribute) === 'true')
    .appendTo(tick);
  tick.append($('<span>').text(text('peer.redistribute'))).appendTo(row);
  $('<button type="button" class="red-ui-button red-ui-button-small redlink-peer-test">')
    .text(text('peer.test'))
    .on('click', () => void test(row))
    .appendTo(row);
  $('<div class="redlink-peer-found" role="status">').appendTo(row);
  row.find('input').on('input change', () => list().trigger('redlink:changed'));
  list().trigger('redlink:changed');
  // A row that was just added is the one to be filled in, with the keyboard, too.
  const isNew = Object.keys(saved).length === 0;
  if (isNew) setTimeout(() => row.find('.redlink-peer-ip').trigger('select').trigger('focus'));
}

/** What the user leaves alone keeps the type that it was saved with. */
function peerOf(row) {
  const saved = row.data('saved');
  const shown = {
    ip: row.find('.redlink-peer-ip').val(),
    port: row.find('.redlink-peer-port').val(),
    redistribute: String(row.find('.redlink-peer-redistribute').prop('checked')),
  };
  const kept = Object.entries(shown).map(([name, value]) => [
    name,
    String(saved[name]) === value ? saved[name] : value,
  ]);
  return { ...saved, ...Object.fromEntries(kept) };
}

// --- the test ---------------------------------------------------------------------------------

async function test(row) {
  const { ip, port } = peerOf(row);
  const button = row.find('.redlink-peer-test').prop('disabled', true);
  say(row, 'fa-spinner fa-spin', text('peer.testing'));
  const addressProblem = checks.blank(ip) ? { key: 'blankHost' } : (checks.host(ip) ?? checks.port(port));
  const problem = addressProblem ?? checks.meshKey(ownSide().meshKey);
  try {
    const found = problem
      ? { reason: problemText(problem) }
      : await $.ajax({
          method: 'POST',
          url: 'redlink/test-peer',
          contentType: 'application/json',
          data: JSON.stringify({ host: ip, port: String(port), ...ownSide() }),
        });
    const works = found.reachable && found.code === undefined && found.reason === undefined;
    say(row, works ? 'fa-check' : 'fa-exclamation-triangle', works ? praise(found) : complaint(found));
  } catch (answer) {
    const { code, error } = answer.responseJSON ?? {};
    say(row, 'fa-exclamation-triangle', complaint({ code, reason: error, reachable: false }));
  } finally {
    button.prop('disabled', false);
  }
}

/** Who asks: this store as the form shows it. A key that is deployed already is not in the form. */
function ownSide() {
  const key = $('#node-input-meshKey').val();
  const own = {
    store: $('#node-input-meshName').val() + ':' + $('#node-input-name').val(),
    security: $('#node-input-security').val(),
  };
  return key && key !== checks.HIDDEN ? { ...own, meshKey: key } : own;
}

function praise({ storeName, mode, version, fingerprint }) {
  const values = { store: storeName ?? '?', mode: text('peer.mode.' + (mode ?? 'legacy')), version };
  const short = fingerprint
    ? ' ' + text('peer.certificate', { fingerprint: fingerprint.slice(0, 23) + '…' })
    : '';
  return text('peer.works', values) + short;
}

/** The reason in the user's language where the catalogue has the code, else as it came. */
function complaint({ code, reason, reachable }) {
  const known = code === undefined ? '' : text('peer.code.' + code);
  const translated = known === '' || known.endsWith('peer.code.' + code) ? '' : known;
  return translated || reason || text(reachable ? 'peer.refused' : 'peer.noAnswer');
}

function say(row, icon, words) {
  const place = row.find('.redlink-peer-found').empty();
  place.append(
    $('<i class="fa" aria-hidden="true"></i>').addClass(icon),
    document.createTextNode(' ' + words),
  );
  list().editableList('height', 'auto');
}

// --- the list ---------------------------------------------------------------------------------

/** @returns what is wrong with the rows, in words, or nothing. */
export function problem() {
  const peers = rows().map(peerOf);
  const own = { ip: $('#node-input-listenAddress').val(), port: $('#node-input-listenPort').val() };
  const same = (a, b) => String(a.ip).trim() === String(b.ip).trim() && String(a.port) === String(b.port);
  if (peers.some((peer) => same(peer, own))) return text('check.ownPeer');
  if (peers.some((peer, index) => peers.findIndex((other) => same(peer, other)) < index)) {
    return text('check.samePeer');
  }
  if (peers.some(({ ip }) => checks.blank(ip))) return text('check.blankHost');
  const problem = peers.map(({ ip, port }) => checks.host(ip) ?? checks.port(port)).find(Boolean);
  return problemText(problem);
}

/**
 * Shows a store's north peers, each with a test. Before its first save a store is offered those of
 * `settings.js`.
 * @returns whether any were offered, once that is known
 */
export async function prepare(node) {
  list().editableList({
    addItem: addRow,
    removeItem: () => list().trigger('redlink:changed'),
    addButton: text('peer.add'),
    removable: true,
    sortable: true,
    height: 'auto',
  });
  (node.headers ?? []).forEach((peer) => list().editableList('addItem', peer));
  if (node.oldStore) return false;
  const offered = await ask('north-peers', []);
  for (const { address, port, redistribute } of offered) {
    list().editableList('addItem', { ip: address, port: String(port), redistribute: String(redistribute) });
  }
  return offered.length > 0;
}

/** @returns the rows as they are saved. */
export const read = () => rows().map(peerOf);
