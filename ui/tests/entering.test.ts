import { expect, test } from "vitest";
import { Fault, step } from "$/signin/entering";

test("a session has begun", () => {
  expect(step(200, { expire: 86400, grace: -1, totpDisabled: 1 })).toEqual({
    step: "in",
    expires: 86400,
    grace: -1,
    factorDropped: true,
  });
});

test("a code is asked for, and a wrong one again", () => {
  expect(step(202, { totpMissingKey: 1, publicKey: { challenge: "x" } })).toMatchObject({ step: "code", wrong: false });
  expect(step(403, { totpInvalidKey: 1 })).toEqual({ step: "code", passkey: null, wrong: true });
});

test("a password that has expired is changed by the rules that are told", () => {
  const rules = [{ label: "POLICY_MIN_LENGTH" }];
  expect(step(403, { LDAPPasswordPolicyError: 0, additionalInfos: { userPolicies: rules } })).toEqual({
    step: "change",
    fault: Fault.expired,
    rules,
  });
});

test("anything else is refused", () => {
  expect(step(403, { LDAPPasswordPolicyError: 1 })).toEqual({ step: "refused", fault: Fault.locked });
  expect(step(403, {})).toEqual({ step: "refused", fault: Fault.wrong });
});
