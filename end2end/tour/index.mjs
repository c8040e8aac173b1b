// The page that shows all pictures side by side.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const STYLE = `
body { font: 14px/1.4 system-ui; margin: 1rem; background: #888; }
section { background: #fff; margin: 0 0 1rem; padding: 0.5rem 1rem; border-radius: 6px; }
h2 { font-size: 1rem; margin: 0 0 0.5rem; }
.pictures { display: flex; gap: 0.75rem; align-items: flex-start; overflow-x: auto; }
.wide { width: 640px; } .narrow { width: 180px; }
img { border: 1px solid #999; display: block; }
pre { white-space: pre-wrap; margin: 0.5rem 0 0; font-size: 12px; } .fault { color: #a00; }
`;

function section({ screen, files = {}, findings = [], notes = [], error }) {
  const picture = ([kind, file]) => `<a href="${file}"><img class="${kind.split('-')[1]}" src="${file}" alt="${kind}" loading="lazy"></a>`;
  const lines = (all, kind) => (all.length ? `<pre class="${kind}">${escape(all.join('\n'))}</pre>` : '');
  const title = `${screen.id} ${screen.name} (${screen.state}${screen.as ? `, as ${screen.as}` : ''})`;
  const body = Object.entries(files).map(picture).join('');
  return `<section><h2>${escape(title)}</h2><div class="pictures">${body}</div>${lines([...(error ? [error] : []), ...findings], 'fault')}${lines(notes, 'note')}</section>`;
}

export function writeIndex(folder, results) {
  const sections = results.map(section).join('\n');
  writeFileSync(join(folder, 'index.html'), `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tour</title><style>${STYLE}</style>\n${sections}\n</html>\n`);
}
