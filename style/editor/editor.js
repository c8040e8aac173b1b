// The editor of a function's code (SC-08): takes the place of a text area and keeps it up to date, so that forms know nothing of it.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { python } from '@codemirror/lang-python';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, StreamLanguage } from '@codemirror/language';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { forget, remember, watch } from './leaving.js';
import { colours, look } from './look.js';

// What a file's name says about its language; a program without an ending is mostly a script.
const LANGUAGES = [
  [/\.pyi?$/, () => [python(), indentUnit.of('    ')]],
  [/\.[cm]?jsx?$/, () => javascript({ jsx: true })],
  [/\.[cm]?tsx?$/, () => javascript({ jsx: true, typescript: true })],
  [/\.(json|jsonl|map)$/, () => json()],
  [/\.(sh|bash|env)$|(^|\/)[^.]+$/, () => StreamLanguage.define(shell)],
];

const languageOf = (path) => LANGUAGES.find(([name]) => name.test(path))?.[1]() ?? [];

// Browsers keep the colour of what is typed over in a style attribute, which the content policy forbids and reports: CodeMirror types instead.
const typeOver = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, view) {
    const { selection, readOnly } = view.state;
    if (inputType !== 'insertText' || !data || selection.main.empty || view.composing || readOnly) return false;
    const { from, to } = selection.main;
    const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    const isHandled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert));
    if (!isHandled) view.dispatch(insert());
    return true;
  },
});

// What CodeMirror says by itself, and the user's words for it: a line each, a tab between them.
const phrases = (lines) => EditorState.phrases.of(Object.fromEntries(lines.split('\n').map((line) => line.split('\t'))));

// `<code-editor file="path" label="name" leave="question" phrases="words">`, beside the text area that it takes the place of.
class CodeEditor extends HTMLElement {
  // Within a shadow root the editor's style sheets are objects, not elements: the page's content policy allows no style elements.
  #root = this.attachShadow({ mode: 'open' });
  #area = null;
  #view = null;

  connectedCallback() {
    this.#area = this.parentElement.querySelector('textarea');
    if (!this.#area || this.#view) return;
    const readOnly = this.#area.readOnly;
    this.#view = new EditorView({
      root: this.#root,
      parent: this.#root,
      state: EditorState.create({
        doc: this.#area.value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          typeOver,
          phrases(this.getAttribute('phrases') ?? ''),
          highlightSelectionMatches(),
          search({ top: true }),
          readOnly ? [] : [highlightActiveLine(), highlightActiveLineGutter()],
          EditorState.readOnly.of(readOnly),
          // Esc and then Tab leave the editor: CodeMirror sees to that.
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...(readOnly ? [] : [indentWithTab])]),
          languageOf(this.getAttribute('file')),
          look,
          colours,
          EditorView.contentAttributes.of({ 'aria-label': this.getAttribute('label'), 'aria-readonly': String(readOnly), tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
          EditorView.updateListener.of((update) => update.docChanged && this.#write(update.state)),
        ],
      }),
    });
    this.#area.hidden = true;
    watch(this);
  }

  disconnectedCallback() {
    forget(this);
    this.#view?.destroy();
    this.#view = null;
    if (this.#area) this.#area.hidden = false;
  }

  // What an error message leads to.
  focus() {
    this.#view?.focus();
  }

  // What the text area held at first, or was told since, is what is deployed.
  get isEdited() {
    return this.#area.value !== this.#area.defaultValue;
  }

  #write(state) {
    remember();
    this.#area.value = state.doc.toString();
    this.#area.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

customElements.define('code-editor', CodeEditor);
