/** Passkeys (WebAuthn): the browser asks its authenticator, the server checks the answer. */

import { proof } from "$/jmap/door";

export function offered(): boolean {
  return typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** Return a signed challenge; without one the server is asked for a challenge that names nobody. */
export async function signWith(challenge: unknown): Promise<unknown> {
  const options = challenge ?? (await fetchChallenge());
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  const credential = await navigator.credentials.get({ publicKey });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no passkey was chosen");
  return credential.toJSON();
}

async function fetchChallenge(): Promise<unknown> {
  const response = await fetch("/SOGo/passkeyChallenge", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...proof() },
    body: "{}",
  });
  const { publicKey } = (await response.json()) as { publicKey: unknown };
  return publicKey;
}
