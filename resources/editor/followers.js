/**
 * Producers and consumers know their store, and producers their service, by name alone. Where a name goes or
 * changes in the editor, it says who still uses it, and offers to change them with it.
 */
import { nameOf, nodesInEditor, storeNode } from './known.js';
import { text } from './texts.js';

/** How long a mere note stays, ms. */
const NOTE_MS = 10_000;

/** Nodes that use a name, each with the property that holds it. */
function usersOfStore(name) {
  return [
    ...nodesInEditor('redlink producer').map((node) => ({ node, property: 'producerStoreName' })),
    ...nodesInEditor('redlink consumer').map((node) => ({ node, property: 'consumerStoreName' })),
  ].filter(({ node, property }) => node[property] === name);
}

function usersOfService(service) {
  return nodesInEditor('redlink producer')
    .filter((node) => node.producerConsumer === service)
    .map((node) => ({ node, property: 'producerConsumer' }));
}

const labels = (users) => users.map(({ node }) => RED.utils.getNodeLabel(node)).join(', ');

/** Says so where a store is deleted that others are attached to. A deleted tab takes these with it. */
function storeRemoved(store) {
  setTimeout(() => {
    const name = nameOf(store);
    const users = usersOfStore(name);
    if (users.length === 0 || storeNode(name)) return;
    note(text('followers.storeRemoved', { store: name, nodes: labels(users) }), { timeout: NOTE_MS });
  });
}

/** Says that a name has changed that others use, and offers to change them, too. */
function renamed(key, users, from, to) {
  if (users.length === 0) return;
  const notification = note(text('followers.' + key, { from, to, nodes: labels(users) }), {
    fixed: true,
    buttons: [
      { text: text('followers.leave'), click: () => notification.close() },
      {
        text: text('followers.change'),
        class: 'primary',
        click: () => {
          change(users, to);
          notification.close();
        },
      },
    ],
  });
}

/** @returns the notification. Names come from people: they are shown as text. */
function note(words, options) {
  return RED.notify($('<p>').text(words)[0].outerHTML, { type: 'warning', ...options });
}

/** One step for undo, however many nodes there are. */
function change(users, to) {
  const dirty = RED.nodes.dirty();
  const events = users.map(({ node, property }) => {
    const event = { t: 'edit', node, changes: { [property]: node[property] }, changed: node.changed, dirty };
    node[property] = to;
    node.changed = true;
    node.dirty = true;
    node.resize = true;
    RED.editor.validateNode(node);
    RED.events.emit('nodes:change', node);
    return event;
  });
  RED.history.push({ t: 'multi', events, dirty });
  RED.nodes.dirty(true);
  RED.view.redraw();
}

/** Names of nodes when their forms were opened. */
const nameBefore = new WeakMap();

/** For `oneditprepare` of a node whose name others use. */
export function rememberName(node) {
  nameBefore.set(node, node.type === 'redlink store' ? nameOf(node) : node.name);
}

function saved(node) {
  const from = nameBefore.get(node);
  nameBefore.delete(node);
  // A node that had no name yet has nobody who uses it.
  if (!from || from.endsWith(':')) return;
  if (node.type === 'redlink store' && !storeNode(from)) {
    renamed('storeRenamed', usersOfStore(from), from, nameOf(node));
  }
  const isOffered = nodesInEditor('redlink consumer').some(({ name }) => name === from);
  if (node.type === 'redlink consumer' && !isOffered) {
    renamed('serviceRenamed', usersOfService(from), from, node.name);
  }
}

/** Watches the names for as long as the editor is open. */
export function watchNames() {
  RED.events.on('editor:save', saved);
  RED.events.on('nodes:remove', (node) => {
    if (node.type === 'redlink store') storeRemoved(node);
  });
}
