// A webhook of the test's own: answers 500 until it is mended, then 204, and keeps what it was sent.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Outcome {
  requestContext: { condition: string; approximateInvokeCount: number };
  requestPayload: string;
  responsePayload: string;
}

export class Hook {
  readonly outcomes: Outcome[] = [];
  refuses = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (!this.refuses) this.outcomes.push(JSON.parse(Buffer.concat(chunks).toString()) as Outcome);
        response.writeHead(this.refuses ? 500 : 204).end();
      });
    });
  }

  static async listen(): Promise<Hook> {
    const hook = new Hook();
    hook.#server.listen(0, '127.0.0.1');
    await once(hook.#server, 'listening');
    return hook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/outcomes`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
