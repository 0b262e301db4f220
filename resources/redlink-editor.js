/**
 * What the editor gets of Redlink besides the nodes' `.html` files: each of these loads this module first,
 * and finds in `window.RedlinkEditor` what it needs.
 */
import * as checks from './editor/checks.js';
import * as consumer from './editor/consumer-form.js';
import { watchNames } from './editor/followers.js';
import { takeBack } from './editor/missing-properties.js';
import { validator } from './editor/notes.js';
import * as producer from './editor/producer-form.js';
import * as store from './editor/store-form.js';
import { labelWithStore } from './editor/texts.js';

$('<link rel="stylesheet" href="resources/node-red-contrib-redlink/redlink-editor.css">').appendTo('head');

watchNames();

window.RedlinkEditor = {
  checks,
  forms: { consumer, producer, store },
  labelWithStore,
  validator,
  takeBack,
};
