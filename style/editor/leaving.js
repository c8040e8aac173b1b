// Asks before what was written in an editor is left: for another site, by the browser's way back, and within the console.

// Editors in the page.
const editors = new Set();
// The address before the one that the browser goes back to.
let here = location.href;

export const watch = (editor) => {
  here = location.href;
  editors.add(editor);
};
export const forget = (editor) => editors.delete(editor);
export const remember = () => (here = location.href);

const edited = () => [...editors].find((editor) => editor.isEdited);

// Another address of the same file, such as one that also says what was done, keeps its editor.
const shows = (address) => {
  const { pathname, searchParams } = new URL(address, location.href);
  return JSON.stringify([pathname, searchParams.get('file'), searchParams.get('qualifier')]);
};

const mayGo = (from, to) => {
  const editor = edited();
  return !editor || shows(from) === shows(to) || confirm(editor.getAttribute('leave'));
};

addEventListener('beforeunload', (event) => {
  if (edited()) event.preventDefault();
});

// Whatever goes elsewhere within the console comes through here; where the address stays, so does the page.
const { pushState } = History.prototype;
history.pushState = function (state, title, to) {
  if (!mayGo(location.href, to ?? '')) return;
  pushState.call(this, state, title, to);
  remember();
};

addEventListener(
  'popstate',
  (event) => {
    if (mayGo(here, location.href)) return remember();
    event.stopImmediatePropagation();
    pushState.call(history, null, '', here);
  },
  true,
);
