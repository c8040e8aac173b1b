// Processes of this machine, for what has to end when nobody waits for it any more.
import { readdirSync, readFileSync } from 'node:fs';

// How many processes have this word among their arguments.
export function countProcesses(word: string): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => argumentsOf(pid).includes(word)).length;
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
