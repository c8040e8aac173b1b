import type { Locator } from '@playwright/test';

// The request to an HTTP function, in SC-14 and SC-15.
export class RequestForm {
  readonly method: Locator;
  readonly path: Locator;
  readonly query: Locator;
  readonly headers: Locator;
  readonly contentType: Locator;
  readonly body: Locator;
  readonly ok: Locator;

  constructor(readonly scope: Locator) {
    this.method = scope.getByLabel('Method', { exact: true });
    this.path = scope.getByLabel('Path', { exact: true });
    this.query = scope.getByLabel('Query Parameters');
    this.headers = scope.getByLabel('Headers', { exact: true });
    this.contentType = scope.getByLabel('Content-Type');
    this.body = scope.getByLabel('Body', { exact: true });
    this.ok = scope.getByRole('button', { name: 'OK' });
  }
}
