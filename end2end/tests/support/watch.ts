// What a page costs its browser while a test goes on: memory after its garbage is gone, and what kept it from answering.
import type { CDPSession, Page } from '@playwright/test';

export interface Held {
  // Bytes of live objects, and of the memory of wasm, which never shrinks.
  heap: number;
  wasm: number;
  nodes: number;
}

interface Watched {
  memories: WebAssembly.Memory[];
  longTasks: number[];
  keys: number[];
}

declare global {
  interface Window {
    watched: Watched;
  }
}

// Runs in the page before its own scripts: keeps the memory of each wasm module, and how long tasks and keys took.
function begin(): void {
  const watched: Watched = { memories: [], longTasks: [], keys: [] };
  window.watched = watched;
  const keep = (instance: WebAssembly.Instance) => {
    const memories = Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory);
    watched.memories.push(...memories.filter((memory) => !watched.memories.includes(memory)));
  };
  const { instantiate, instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const made = await instantiateStreaming(source, imports);
    keep(made.instance);
    return made;
  };
  WebAssembly.instantiate = (async (source: BufferSource, imports?: WebAssembly.Imports) => {
    const made = await instantiate(source, imports);
    keep(made.instance ?? made);
    return made;
  }) as typeof WebAssembly.instantiate;
  const observe = (type: string, see: (entry: PerformanceEntry) => void, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, ...more });
  observe('longtask', ({ duration }) => watched.longTasks.push(duration));
  observe('event', ({ name, duration }) => name === 'keydown' && watched.keys.push(duration), { durationThreshold: 16 });
}

export class Watch {
  private constructor(
    readonly page: Page,
    readonly session: CDPSession,
  ) {}

  // Has to come before the page is loaded.
  static async of(page: Page): Promise<Watch> {
    await page.addInitScript(begin);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await session.send('HeapProfiler.enable');
    return new Watch(page, session);
  }

  async held(): Promise<Held> {
    await this.session.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.session.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((found) => found.name === name)?.value ?? NaN;
    const wasm = await this.page.evaluate(() => window.watched.memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
    return { heap: metric('JSHeapUsedSize'), wasm, nodes: metric('Nodes') };
  }

  // Forgets the times of what was before.
  async restart(): Promise<void> {
    await this.page.evaluate(() => Object.assign(window.watched, { longTasks: [], keys: [] }));
  }

  // Milliseconds of each task that held the page up, and of each key from its press to the frame that shows it, where these took long.
  times(): Promise<{ longTasks: number[]; keys: number[] }> {
    return this.page.evaluate(() => ({ longTasks: window.watched.longTasks, keys: window.watched.keys }));
  }
}
