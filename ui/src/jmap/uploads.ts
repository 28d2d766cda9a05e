/** Blobs: sent with their progress told, and the addresses where they are fetched (RFC 8620 section 6). */

import { RequestRefused, SignedOut, Unreachable } from "./errors";
import { proof, type Problem } from "./door";
import { fill, limit, type Session } from "./session";

export interface Uploaded {
  blobId: string;
  type: string;
  size: number;
}

export interface UploadOptions {
  /** told from 0 to 1 */
  onprogress?: (share: number) => void;
  signal?: AbortSignal;
}

/** Return how many octets the server takes at once. */
export function uploadMax(session: Session): number {
  return limit(session, "maxSizeUpload", Infinity);
}

/**
 * Send a file; the server keeps it for a day unless something holds it.
 *
 * @throws SignedOut, Unreachable, RequestRefused, and an AbortError when it is called off
 */
export function upload(
  session: Session,
  accountId: string,
  file: Blob,
  { onprogress, signal }: UploadOptions = {},
): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much has been sent
    request.open("POST", new URL(fill(session.uploadUrl, { accountId })).pathname);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    for (const [name, value] of Object.entries(proof())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => onprogress?.(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Uploaded);
      else reject(refusal(request));
    };
    request.onerror = () => reject(new Unreachable("the upload was cut off"));
    request.onabort = () => reject(new DOMException("the upload was called off", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    if (signal?.aborted === true) reject(new DOMException("the upload was called off", "AbortError"));
    else request.send(file);
  });
}

/** Return where a blob is fetched. */
export function blobUrl(
  session: Session,
  accountId: string,
  { blobId, name, type }: { blobId: string; name: string; type: string },
): string {
  const { pathname, search } = new URL(fill(session.downloadUrl, { accountId, blobId, name, type }));
  return pathname + search;
}

function refusal(request: XMLHttpRequest): Error {
  if (request.status === 401) return new SignedOut("the session has ended");
  if ([502, 503, 504].includes(request.status)) return new Unreachable(`the server answered ${request.status}`);
  const problem = (request.response ?? {}) as Problem;
  const id = request.getResponseHeader("X-Request-Id") ?? "";
  return new RequestRefused(request.status, problem.type ?? "", problem.detail ?? request.statusText, id);
}
