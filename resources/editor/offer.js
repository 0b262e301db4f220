/** Fields that offer what is known. */
import { field } from './fields.js';
import { text } from './texts.js';

/** Pixels of a menu below a field. */
const MENU_WIDTH = 280;
const MENU_HEIGHT = 260;

/**
 * Makes a text field offer what is known, as completions while typing and in a menu. Any text is taken.
 * @param property of the field, which stands in a `.redlink-combo` with a button for the menu
 * @param choices gives, or promises, the texts to offer
 */
export function offer(property, choices) {
  const input = field(property);
  const listId = 'redlink-list-' + property;
  const list = $('<datalist>').attr('id', listId).insertAfter(input.closest('.redlink-combo'));
  input.attr('list', listId);
  const refresh = async () => {
    const found = await choices();
    list.empty().append(found.map((text) => $('<option>').val(text)));
    return found;
  };
  input.on('focus', () => void refresh());
  input.siblings('.redlink-choose').on('click', async function () {
    const found = await refresh();
    const options = found.map((text) => ({ label: $('<span>').text(text), value: text }));
    const none = [{ label: $('<i>').text(text('form.nothingKnown')), disabled: true }];
    const menu = RED.popover.menu({
      width: MENU_WIDTH,
      maxHeight: MENU_HEIGHT,
      options: options.length > 0 ? options : none,
      onselect: ({ value }) => value !== undefined && input.val(value).trigger('change').trigger('focus'),
    });
    // Below the field, and with its right end: a menu that Node-RED aligns "right" begins there, outside the form.
    menu.show({ target: $(this), align: 'left', offset: [$(this).outerWidth(), -1] });
  });
  void refresh();
  return refresh;
}
