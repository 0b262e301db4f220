/** Groups of fields that fold. */
import { field, onInput } from './fields.js';
import { text } from './texts.js';

/** Where the editor of this browser remembers which groups are open, by node type and group. */
const FOLDING_KEY = 'redlink-folding';

function readFolding() {
  try {
    return JSON.parse(RED.settings.getLocal(FOLDING_KEY) ?? '{}');
  } catch {
    return {};
  }
}

/**
 * Makes the groups of the open form fold. They are as they were left the last time; one that has
 * something to warn about opens.
 * @param type of the node
 */
export function foldSections(type) {
  const folding = readFolding();
  $('.redlink-section').each(function () {
    const section = $(this);
    const name = section.data('section');
    const body = section.children('.redlink-section-body').attr('id', 'redlink-section-' + name);
    const header = section.children('.redlink-section-header').attr('aria-controls', body.attr('id'));
    $('<i class="fa fa-chevron-right redlink-arrow" aria-hidden="true"></i>').prependTo(header);
    $('<span class="redlink-section-summary"></span>').appendTo(header);
    $('<i class="fa fa-exclamation-triangle redlink-section-mark"></i>')
      .attr({ role: 'img', 'aria-label': text('form.warnings') })
      .appendTo(header)
      .hide();
    openSection(section, folding[type + '/' + name] ?? section.data('open') === true);
    header.on('click', () => {
      const open = header.attr('aria-expanded') !== 'true';
      openSection(section, open);
      RED.settings.setLocal(FOLDING_KEY, JSON.stringify({ ...readFolding(), [type + '/' + name]: open }));
    });
  });
}

function openSection(section, open) {
  section.children('.redlink-section-header').attr('aria-expanded', String(open));
  section.children('.redlink-section-body').toggle(open);
}

/** Keeps in a folded group's header what is set in it. @returns how to bring it up to date. */
export function summarise(name, properties, summary) {
  const place = $('.redlink-section[data-section="' + name + '"] .redlink-section-summary');
  const update = () => place.text(summary().filter(Boolean).join(' · '));
  onInput(properties.map(field), update);
  return update;
}

/** Opens the groups with warnings, once the form has been filled in. */
export function openWarnedSections() {
  $('.redlink-section:has(.redlink-warning:not(.redlink-hidden))').each(function () {
    openSection($(this), true);
  });
}

export function markSection(section) {
  const warned = section.find('.redlink-warning:not(.redlink-hidden)').length > 0;
  section.find('.redlink-section-mark').toggle(warned);
}
