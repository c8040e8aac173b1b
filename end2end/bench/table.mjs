// Median and spread, and the table they are printed in.

export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { min: sorted[0], p50: at(0.5), p99: at(0.99), max: sorted.at(-1), n: sorted.length };
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

// A row: what was measured, its unit, the values of all runs, and the reference it is compared with.
export const row = (what, unit, values, reference) => ({ what, unit, ...summary(values), reference });

export function print(rows) {
  const cells = rows.map(({ what, unit, min, p50, p99, max, n, reference }) => [
    what,
    `${digits(p50)} ${unit}`,
    `${digits(min)}…${digits(max)}`,
    digits(p99),
    String(n),
    reference ? `${reference.name} ${digits(reference.value)} ${unit}, × ${(p50 / reference.value).toFixed(2)}` : '–',
  ]);
  const head = ['what', 'median', 'min…max', 'p99', 'n', 'reference in this run'];
  for (const line of [head, head.map(() => '---'), ...cells]) console.log(`| ${line.join(' | ')} |`);
}
