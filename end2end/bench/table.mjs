// Median and spread, and the table they are printed in.

export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { min: sorted[0], p50: at(0.5), p99: at(0.99), max: sorted.at(-1), n: sorted.length };
}

const digits = (value) => (value >= 1_000 ? Math.round(value).toLocaleString('en-US') : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

// A row: what was measured, its unit, the values of all runs, and what it is compared with, if that is no row of its own.
export const row = (what, unit, values, reference) => ({ what, unit, ...summary(values), reference });

export function markdown(rows) {
  const cells = rows.map(({ what, unit, min, p50, p99, max, n, reference }) => [
    what + (reference ? ` (${reference.name}: ${digits(reference.value)} ${unit})` : ''),
    `${digits(p50)} ${unit}`,
    `${digits(min)} … ${digits(max)}`,
    n >= 100 ? digits(p99) : '',
    String(n),
  ]);
  const head = ['what', 'median', 'from … to', 'p99', 'n'];
  return [head, head.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
