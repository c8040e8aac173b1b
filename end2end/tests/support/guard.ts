// Watches a browser during a test: at its end nothing may have gone wrong that the test did not announce.
import type { BrowserContext } from '@playwright/test';

interface Refusal {
  status: number;
  // Part of the address that is refused.
  address: string;
  seen: boolean;
}

export class Guard {
  readonly #problems: string[] = [];
  readonly #announced: Refusal[] = [];
  // Answers with an error status, and how many console lines about each are still to be expected.
  readonly #failures: { url: string; status: number; announced: boolean }[] = [];
  readonly #consoleErrors: { url: string; text: string }[] = [];

  readonly #expectedErrors: string[] = [];

  constructor(context: BrowserContext, javaScript: boolean) {
    context.on('console', (message) => {
      if (message.type() === 'error') this.#consoleErrors.push({ url: message.location().url, text: message.text() });
    });
    context.on('weberror', (error) => this.#problems.push(`page error: ${error.error().stack ?? error.error().message}`));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'unknown';
      // A page that is left, and a stream that it closes, end their requests themselves.
      const isLeft = reason === 'net::ERR_ABORTED';
      // Where scripts are switched off, the browser refuses to fetch them.
      const isScript = !javaScript && reason === 'csp' && request.resourceType() === 'script';
      if (!isLeft && !isScript) this.#problems.push(`failed request: ${request.method()} ${request.url()}: ${reason}`);
    });
    context.on('response', (response) => {
      if (response.status() < 400) return;
      const refusal = this.#announced.find(({ status, address }) => status === response.status() && response.url().includes(address));
      if (refusal) refusal.seen = true;
      this.#failures.push({ url: response.url(), status: response.status(), announced: Boolean(refusal) });
    });
  }

  // Announces that the server will refuse something: it has to, and it is no failure of the test.
  expectRefusal(status: number, address = '/console/fn/'): void {
    this.#announced.push({ status, address, seen: false });
  }

  // Announces an error in the browser's console: it has to come, and it is no failure of the test.
  expectConsoleError(text: string): void {
    this.#expectedErrors.push(text);
  }

  // Everything that went wrong.
  problems(): string[] {
    const isRefusal = ({ url, text }: { url: string; text: string }) =>
      this.#failures.some((failure) => failure.url === url && text.includes(`responded with a status of ${failure.status}`));
    const isExpected = ({ text }: { text: string }) => this.#expectedErrors.some((expected) => text.includes(expected));
    return [
      ...this.#problems,
      ...this.#failures.filter(({ announced }) => !announced).map(({ url, status }) => `answer ${status}: ${url}`),
      ...this.#consoleErrors.filter((error) => !isRefusal(error) && !isExpected(error)).map(({ url, text }) => `console error: ${text} (${url})`),
      ...this.#announced.filter(({ seen }) => !seen).map(({ status, address }) => `no answer ${status} from ${address}`),
      ...this.#expectedErrors
        .filter((expected) => !this.#consoleErrors.some(({ text }) => text.includes(expected)))
        .map((expected) => `no console error "${expected}"`),
    ];
  }
}
