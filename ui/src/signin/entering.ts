/** The steps of signing in (`connect`): a name and password, perhaps a second factor, perhaps a new password. */

import { proof } from "$/jmap/door";
import { Unreachable } from "$/jmap/errors";

/** Why a password was not taken, by SOGo's numbers. */
export const Fault = { expired: 0, locked: 1, mustChange: 2, changeNow: 5, wrong: 65535 } as const;

export type Step =
  | { step: "in"; expires: number; grace: number; factorDropped: boolean }
  | { step: "code"; passkey: unknown; wrong: boolean }
  | { step: "change"; fault: number; rules: Rule[] }
  | { step: "refused"; fault: number };

/** A rule of the password policy. */
export interface Rule {
  label: string;
  regex?: string;
}

export interface Entry {
  userName: string;
  password: string;
  domain?: string;
  language?: string;
  rememberLogin?: 0 | 1;
  verificationCode?: string;
  passkey?: unknown;
}

interface Told {
  expire?: number;
  grace?: number;
  totpDisabled?: number;
  totpMissingKey?: number;
  totpInvalidKey?: number;
  publicKey?: unknown;
  LDAPPasswordPolicyError?: number;
  additionalInfos?: { userPolicies?: Rule[] };
  userPolicies?: Rule[];
  message?: string;
}

const TO_CHANGE: readonly number[] = [Fault.expired, Fault.mustChange, Fault.changeNow];

/**
 * Try to sign in.
 *
 * @throws Unreachable
 */
export async function enter(entry: Entry): Promise<Step> {
  const [status, told] = await post("/SOGo/connect", entry);
  return step(status, told);
}

/** Change a password that must be changed, and sign in with the new one; a code goes along where one is asked for. */
export async function change(fields: {
  userName: string;
  oldPassword: string;
  newPassword: string;
  verificationCode?: string;
}): Promise<Step> {
  const [status, told] = await post("/SOGo/changePassword", fields);
  return step(status, told);
}

export function step(status: number, told: Told): Step {
  if (status === 200)
    return { step: "in", expires: told.expire ?? -1, grace: told.grace ?? -1, factorDropped: told.totpDisabled === 1 };
  if (status === 202 || told.totpInvalidKey === 1)
    return { step: "code", passkey: told.publicKey ?? null, wrong: told.totpInvalidKey === 1 };
  const fault = told.LDAPPasswordPolicyError ?? Fault.wrong;
  if (TO_CHANGE.includes(fault))
    return { step: "change", fault, rules: told.userPolicies ?? told.additionalInfos?.userPolicies ?? [] };
  return { step: "refused", fault };
}

async function post(url: string, fields: object): Promise<[number, Told]> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...proof() },
      body: JSON.stringify(fields),
    });
    if (response.status >= 500) throw new Unreachable(`the server answered ${response.status}`);
    return [response.status, (await response.json()) as Told];
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    throw new Unreachable("the server cannot be reached", { cause: error });
  }
}
