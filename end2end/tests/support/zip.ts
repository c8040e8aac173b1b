export { zip } from '../../lib/zip.mjs';
