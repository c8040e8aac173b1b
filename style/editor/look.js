// The editor in the console's colours: custom properties reach into its shadow root, so both themes come by themselves.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const control = {
  border: '1px solid var(--color-line-strong)',
  borderRadius: '6px',
  backgroundImage: 'none',
  backgroundColor: 'var(--color-surface)',
  color: 'var(--color-ink)',
  fontFamily: 'var(--font-sans)',
  fontSize: '12px',
  minHeight: '24px',
};

export const look = EditorView.theme({
  '&': {
    height: '100%',
    border: '1px solid var(--color-line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--color-field)',
    color: 'var(--color-ink)',
    fontSize: '12px',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--color-accent)', outlineOffset: '2px' },
  // The page's own rule does not reach in here.
  '.cm-panel :focus-visible': { outline: '2px solid var(--color-accent)', outlineOffset: '2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--color-ink)' },
  '.cm-line': { padding: '0 10px 0 6px' },
  '.cm-gutters': { border: 'none', backgroundColor: 'var(--color-field)', color: 'var(--color-faint)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 12px', minWidth: '28px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in oklab, var(--color-hover) 60%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--color-ink)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--color-active-tint)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--color-selected)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--color-selected)', outline: '1px solid var(--color-line-strong)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--color-bad-tint)' },
  '.cm-searchMatch': { backgroundColor: 'var(--color-warn-tint)', outline: '1px solid var(--color-warn)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--color-selected)' },
  '.cm-foldPlaceholder': { border: 'none', backgroundColor: 'var(--color-idle-tint)', color: 'var(--color-idle-strong)' },
  '.cm-panels': { borderBottom: '1px solid var(--color-line)', backgroundColor: 'var(--color-raised)', color: 'var(--color-ink)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--color-line)' },
  '.cm-panel.cm-search': { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px', padding: '8px 40px 8px 10px', fontFamily: 'var(--font-sans)' },
  '.cm-panel.cm-search br': { display: 'none' },
  '.cm-panel.cm-search label': { display: 'inline-flex', alignItems: 'center', gap: '4px', fontSize: '12px' },
  '.cm-panel.cm-search [name=close]': { width: '28px', height: '28px', top: '6px', right: '6px', fontSize: '16px', color: 'var(--color-muted)' },
  '.cm-textfield': { ...control, backgroundColor: 'var(--color-field)', padding: '0 8px' },
  '.cm-button': { ...control, padding: '0 8px' },
  '.cm-button:active': { backgroundImage: 'none', backgroundColor: 'var(--color-hover)' },
});

export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self], color: 'var(--color-active)' },
    { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--color-good)' },
    { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--color-late)' },
    { tag: [tags.comment, tags.meta], color: 'var(--color-faint)' },
    { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.function(tags.variableName))], color: 'var(--color-odd)' },
    { tag: [tags.className, tags.typeName, tags.namespace], color: 'var(--color-warn)' },
    { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--color-idle-strong)' },
    { tag: tags.invalid, color: 'var(--color-bad)' },
  ]),
);
