// Types of what the browser tests use of `end2end/lib`, which is plain JavaScript because the bench and the soak use it too.
declare module '*/lib/server.mjs' {
  export const PASSWORD: string;
  // What signs calls and may do everything.
  export const KEY: { id: string; secret: string };
  export const REGIONS: readonly string[];

  export class Server {
    static start(options?: { args?: string[]; env?: Record<string, string> }): Promise<Server>;
    readonly url: string;
    log(): string;
    stop(): Promise<void>;
  }
}

declare module '*/lib/api.mjs' {
  export interface Answer {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: Buffer;
  }

  export class Api {
    constructor(url: string, sockets?: number, key?: { id: string; secret: string });
    call(
      method: string,
      path: string,
      options?: { query?: Record<string, string>; headers?: Record<string, string>; body?: Buffer | string | object },
    ): Promise<Answer>;
    submit(service: string, fn: string, id: string | undefined, body: Buffer | string | object): Promise<Answer>;
    // Every task of a function, as records.
    tasks(service: string, fn: string): Promise<object[]>;
    stop(service: string, fn: string, id: string): Promise<Answer>;
  }
}

declare module '*/lib/sdks.mjs' {
  export interface Found {
    invocationId: string;
    status: string;
    invocationPayload: string;
  }

  export interface Sdk {
    submit(service: string, fn: string, id: string, event: string): Promise<void>;
    find(service: string, fn: string, prefix: string): Promise<Found[]>;
  }

  export function openSdk(url: string): Sdk;
  export function legacySdk(url: string): Sdk;
  export function pythonSdks(url: string): {
    submit(service: string, fn: string, prefix: string, event: string): Promise<string[]>;
    find(service: string, fn: string, prefix: string): Promise<Record<string, Found[]>>;
  };
}

declare module '*/lib/zip.mjs' {
  export function zip(files: Record<string, string>): Buffer;
}

declare module '*/lib/checks.mjs' {
  // Runs in the page.
  export function standOut(): string[];
  export function wideTables(): string[];
  export function namelessCells(): string[];
  export function englishTexts(): string[];
}
