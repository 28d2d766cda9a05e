/** Method calls (RFC 8620 section 3): those that are made in one turn travel in one request. */

import { ask } from "./door";
import { CallRefused, RequestRefused } from "./errors";
import { limit, type Session } from "./session";

export type Arguments = Readonly<Record<string, unknown>>;
type Invocation = [name: string, arguments_: Record<string, unknown>, id: string];

interface Answer {
  methodResponses: Invocation[];
  createdIds?: Record<string, string>;
  sessionState: string;
}

export interface ResultReference {
  resultOf: string;
  name: string;
  path: string;
}

/** A call that is on its way. */
export interface Call<T> {
  answer: Promise<T>;
  /** Refer to what it answers (RFC 8620 section 3.7), from a call made in the same turn. */
  at: (path: string) => ResultReference;
}

interface Waiting {
  invocation: Invocation;
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

export class Connection {
  #waiting: Waiting[] = [];
  #next = 0;

  constructor(
    readonly session: Session,
    private readonly onSessionState: (state: string) => void = () => undefined,
  ) {}

  /** Call a method; arguments whose names begin with `#` are references. */
  call<T = Record<string, unknown>>(name: string, arguments_: Arguments): Call<T> {
    const id = `c${this.#next++}`;
    const answer = new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0) queueMicrotask(() => this.#send());
      this.#waiting.push({ invocation: [name, arguments_, id], resolve, reject });
    });
    return { answer, at: (path) => ({ resultOf: id, name, path }) };
  }

  /** Call a method and wait for what it answers. */
  ask<T = Record<string, unknown>>(name: string, arguments_: Arguments): Promise<T> {
    return this.call<T>(name, arguments_).answer;
  }

  #send(): void {
    const all = this.#waiting;
    this.#waiting = [];
    this.#next = 0;
    const most = limit(this.session, "maxCallsInRequest", 16);
    for (let start = 0; start < all.length; start += most) void this.#request(all.slice(start, start + most));
  }

  async #request(calls: Waiting[]): Promise<void> {
    try {
      const response = await ask(new URL(this.session.apiUrl).pathname, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          using: Object.keys(this.session.capabilities),
          methodCalls: calls.map((one) => one.invocation),
        }),
      });
      this.#deliver(calls, (await response.json()) as Answer, response.headers.get("X-Request-Id") ?? "");
    } catch (error) {
      for (const one of calls) one.reject(error);
    }
  }

  #deliver(calls: Waiting[], answer: Answer, requestId: string): void {
    const answered = new Map<string, Invocation>();
    for (const one of answer.methodResponses) if (!answered.has(one[2])) answered.set(one[2], one); // the call's own is the first
    for (const { invocation, resolve, reject } of calls) {
      const [method, , id] = invocation;
      const [name, told]: [string, Record<string, unknown>, ...unknown[]] = answered.get(id) ?? ["", {}];
      if (name === method) resolve(told as never);
      else if (name === "error") reject(new CallRefused(method, text(told["type"]), text(told["description"]), told));
      else reject(new RequestRefused(200, "noAnswer", `${method} was not answered`, requestId));
    }
    this.onSessionState(answer.sessionState);
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
