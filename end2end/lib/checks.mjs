// What a page must not do, whoever looks: run in the page itself, by the browser tests and by the tour.

// Parts that stand out of the window and can't be scrolled to by themselves. The page itself cuts what is too wide, so its own width
// tells nothing.
export function standOut() {
  const scrolls = (node) => /auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX);
  const inScroller = (node) => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      if (scrolls(at)) return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll('*')]
    .filter((node) => {
      const { right, left, width, height } = node.getBoundingClientRect();
      return width > 0 && height > 0 && (right > innerWidth + 1 || left < -1) && !inScroller(node);
    })
    .map((node) => `${node.tagName} ${node.textContent?.trim().slice(0, 40)} to ${Math.round(node.getBoundingClientRect().right)}`);
}

// Texts that are cut and can't be read by pointing at them either.
export function cutTexts() {
  const isTold = (node) => Boolean(node.closest('[title]')) || Boolean(node.querySelector('[title]'));
  return [...document.body.querySelectorAll('*')]
    .filter((node) => getComputedStyle(node).textOverflow === 'ellipsis' && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
    .filter((node) => !isTold(node))
    .map((node) => `${node.tagName} ${node.textContent?.trim().slice(0, 60)}`);
}

// Lists that are wider than their place: what is at their right is out of sight until somebody scrolls. The tables of charts are none.
export function wideTables() {
  const around = (node) => {
    for (let at = node.parentElement; at; at = at.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return at;
    }
    return document.documentElement;
  };
  return [...document.querySelectorAll('table.cards')]
    .map((table) => [table, around(table)])
    .filter(([, place]) => place.scrollWidth > place.clientWidth + 1)
    .map(([table, place]) => `${table.caption?.textContent ?? 'table'} by ${place.scrollWidth - place.clientWidth} px`);
}

// Cells of lists that say neither that they are cells nor what they hold, once their row is a card.
export function namelessCells() {
  return [...document.querySelectorAll('.cards > tbody > tr > td')]
    .filter((cell) => !cell.matches('[role="cell"]:is([data-label], .naming, .telling, .acting, :has(> [type="checkbox"]))'))
    .map((cell) => `${cell.closest('table').caption?.textContent}: ${cell.textContent.trim().slice(0, 40)}`);
}

// Texts of two English words and more in a page of another language, but for code, names and what users have written.
export function englishTexts() {
  const isKept = (node) => Boolean(node.closest('code, pre, kbd, time, textarea, svg, .font-mono, [data-task], [translate="no"], [lang="en"]'));
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const { parentElement: parent } = walk.currentNode;
    if (/^[^一-鿿]*\b[A-Za-z]{2,} [A-Za-z]{2,}[^一-鿿]*$/.test(text) && parent?.checkVisibility() && !isKept(parent)) found.add(text.slice(0, 80));
  }
  return [...found];
}
