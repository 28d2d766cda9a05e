/** A letter while it is written, and the email that is made of it. */

import type { Address } from "$/jmap/types";

export interface Attached {
  readonly key: string;
  name: string;
  type: string;
  size: number;
  /** null while it is on its way */
  blobId: string | null;
  /** how much of it is there, from 0 to 1 */
  share: number;
  /** of a picture in the text */
  cid: string | null;
  fault: string;
}

export interface Form {
  accountId: string;
  identityId: string | null;
  from: readonly Address[];
  to: readonly Address[];
  cc: readonly Address[];
  bcc: readonly Address[];
  replyTo: readonly Address[];
  subject: string;
  isHtml: boolean;
  html: string;
  text: string;
  files: readonly Attached[];
  /** 1, the highest, to 5 */
  priority: number;
  receipt: boolean;
  sign: boolean;
  encrypt: boolean;
  /** fields that tell what it answers, kept as they are */
  more: Readonly<Record<string, unknown>>;
}

/** What `Email/compose` answers, and `Email/set` takes. */
export type EmailValues = Readonly<Record<string, unknown>>;

const PRIORITY = "header:X-Priority:asRaw";
const RECEIPT = "header:Disposition-Notification-To:asAddresses";
const OPTIONS = "header:X-Folkmoot-Options:asRaw";
const KEPT = ["inReplyTo", "references"];

/** Return a form filled with what the server begins a letter with. */
export function formOf(accountId: string, identityId: string | null, email: EmailValues): Form {
  const values = (email["bodyValues"] ?? {}) as Record<string, { value: string }>;
  const html = values["html"]?.value ?? "";
  const options = typeof email[OPTIONS] === "string" ? email[OPTIONS].trim().split(/\s+/) : [];
  return {
    accountId,
    identityId,
    from: addresses(email["from"]),
    to: addresses(email["to"]),
    cc: addresses(email["cc"]),
    bcc: addresses(email["bcc"]),
    replyTo: addresses(email["replyTo"]),
    subject: typeof email["subject"] === "string" ? email["subject"] : "",
    isHtml: html !== "",
    html,
    text: values["text"]?.value ?? "",
    files: ((email["attachments"] ?? []) as Record<string, unknown>[]).map(attached),
    priority: Number(email[PRIORITY] ?? 3) || 3,
    receipt: Array.isArray(email[RECEIPT]),
    sign: options.includes("sign"),
    encrypt: options.includes("encrypt"),
    more: Object.fromEntries(
      Object.entries(email).filter(
        ([name]) => KEPT.includes(name) || (name.startsWith("header:X-Folkmoot-") && name !== OPTIONS),
      ),
    ),
  };
}

/** Return the email as `Email/set` creates it; what is not uploaded yet is left out. */
export function emailOf(form: Form, mailboxId: string): EmailValues {
  const text = { partId: "text", type: "text/plain" };
  const options = [form.sign ? "sign" : "", form.encrypt ? "encrypt" : ""].filter((one) => one !== "");
  const email: Record<string, unknown> = {
    ...form.more,
    mailboxIds: { [mailboxId]: true },
    keywords: { $draft: true, $seen: true },
    subject: form.subject,
    bodyValues: { text: { value: form.text }, ...(form.isHtml ? { html: { value: form.html } } : {}) },
    textBody: [text],
    attachments: form.files
      .filter((one) => one.blobId !== null)
      .map(({ blobId, name, type, cid }) => ({
        blobId,
        name,
        type,
        cid,
        disposition: cid === null ? "attachment" : "inline",
      })),
  };
  if (form.isHtml) email["htmlBody"] = [{ partId: "html", type: "text/html" }];
  for (const name of ["from", "to", "cc", "bcc", "replyTo"] as const)
    if (form[name].length > 0) email[name] = form[name].map((one) => ({ name: one.name ?? null, email: one.email }));
  if (form.priority !== 3) email[PRIORITY] = `${form.priority}`;
  if (form.receipt) email[RECEIPT] = form.from;
  if (options.length > 0) email[OPTIONS] = options.join(" ");
  return email;
}

/** Return whether a text speaks of something attached; what is quoted does not count. */
export function speaksOfAttachment(text: string, words: string): boolean {
  const own = text
    .split("\n")
    .filter((line) => !line.startsWith(">"))
    .join("\n")
    .toLocaleLowerCase();
  return words.split("|").some((word) => own.includes(word));
}

/** Return the text of a letter as plain lines of HTML. */
export function htmlOfText(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped
    .split("\n")
    .map((line) => `<div>${line || "<br>"}</div>`)
    .join("");
}

function addresses(value: unknown): readonly Address[] {
  return Array.isArray(value) ? (value as Address[]) : [];
}

function attached(value: Record<string, unknown>): Attached {
  return {
    key: crypto.randomUUID(),
    name: text(value["name"]),
    type: text(value["type"]) || "application/octet-stream",
    size: Number(value["size"] ?? 0),
    blobId: text(value["blobId"]),
    share: 1,
    cid: typeof value["cid"] === "string" ? value["cid"] : null,
    fault: "",
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
