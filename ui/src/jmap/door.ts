/** HTTP to the server: the browser's cookie says who asks, and a token that only our pages can read goes along. */

import { RequestRefused, SignedOut, Unreachable } from "./errors";

const TOKEN = /(?:^|; )XSRF-TOKEN=([^;]*)/;

export interface Problem {
  type?: string;
  detail?: string;
  message?: string;
}

/** Return the headers that prove that the request comes from this application. */
export function proof(): Record<string, string> {
  const token = TOKEN.exec(document.cookie)?.[1];
  return token === undefined ? {} : { "X-XSRF-TOKEN": decodeURIComponent(token) };
}

/**
 * Send a request and return the answer if it is a success.
 *
 * @throws SignedOut, Unreachable, RequestRefused
 */
export async function ask(
  url: string,
  options: Omit<RequestInit, "headers"> & { headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...options,
      headers: { ...proof(), ...options.headers },
      credentials: "same-origin",
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new Unreachable("the server cannot be reached", { cause: error });
  }
  if (response.ok) return response;
  if (response.status === 401) throw new SignedOut("the session has ended");
  // What stands between, such as a proxy, answers so while the server is away.
  if ([502, 503, 504].includes(response.status)) throw new Unreachable(`the server answered ${response.status}`);
  const problem = await explained(response);
  throw new RequestRefused(
    response.status,
    problem.type ?? "",
    problem.detail ?? problem.message ?? response.statusText,
    response.headers.get("X-Request-Id") ?? "",
  );
}

async function explained(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return {};
  }
}
