/** What can go wrong between the application and the server, each told apart by its class. */

/** The server cannot be reached, or gave up; what was asked may or may not have been done. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** The session has ended; nothing was done. */
export class SignedOut extends Error {
  override name = "SignedOut";
}

/** The server refused a whole request (RFC 8620 section 3.6.1), or failed. */
export class RequestRefused extends Error {
  override name = "RequestRefused";

  constructor(
    readonly status: number,
    readonly type: string,
    detail: string,
    /** names the request in the server's log */
    readonly requestId: string,
  ) {
    super(detail);
  }
}

/** The server refused one method call (RFC 8620 section 3.6.2). */
export class CallRefused extends Error {
  override name = "CallRefused";

  constructor(
    readonly method: string,
    readonly type: string,
    description: string,
    readonly told: Readonly<Record<string, unknown>>,
  ) {
    super(description || type);
  }
}

/** What a /set says about one object that it refuses (RFC 8620 section 5.3). */
export interface SetError {
  type: string;
  description?: string | null;
  properties?: string[] | null;
  [more: string]: unknown;
}

/** The server refused to create, update or destroy an object. */
export class SetRefused extends Error {
  override name = "SetRefused";

  constructor(readonly error: SetError) {
    super(error.description ?? error.type);
  }
}
