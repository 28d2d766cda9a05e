/** One letter from its beginning until it is sent or thrown away; saved as it is written. */

import { confirming } from "$/frame/confirming.svelte";
import type { Person } from "$/frame/person.svelte";
import { reason, toasts } from "$/frame/toasts.svelte";
import type { Letter } from "$/frame/writing.svelte";
import { SetRefused, SignedOut, Unreachable } from "$/jmap/errors";
import type { Got, SetAnswer } from "$/jmap/records.svelte";
import type { Email, EmailSubmission, Identity, Mailbox } from "$/jmap/types";
import { blobUrl, upload, uploadMax } from "$/jmap/uploads";
import { t } from "$/words/index.svelte";
import { octets } from "$/words/sizes";
import { emailOf, formOf, speaksOfAttachment, type Attached, type EmailValues, type Form } from "./form";
import { forget, keep, lockName, type Copy } from "./kept";

const LOCAL_MS = 400; // after the last key, the copy on this device
const SERVER_MS = 4000; // and the draft on the server
const AGAIN_MS = 8000; // after the server could not be reached
const BEGINNINGS = { new: "new", reply: "reply", replyAll: "replyAll", forward: "forward" } as const;

type State = "beginning" | "unchanged" | "unsaved" | "saving" | "saved" | "local" | "sending" | "ended";

/** Where letters lie while they are written. */
export interface Desk {
  ended: (letter: Composition) => void;
  reopen: (copy: Copy) => void;
}

export class Composition {
  readonly key: string;
  form = $state.raw<Form>(formOf("", null, {}));
  state = $state<State>("beginning");
  fault = $state("");
  minimised = $state(false);
  wide = $state(false);
  /** whether one writes below what is quoted */
  below = false;
  #storedId: string | null;
  #changed = 0;
  #saved = 0;
  #timers: { local?: number; server?: number } = {};
  #saving: Promise<boolean> | null = null;
  readonly #uploads = new Map<string, AbortController>();
  #unlock: () => void = () => undefined;

  constructor(
    readonly person: Person,
    private readonly desk: Desk,
    copy?: Copy,
  ) {
    this.key = copy?.key ?? crypto.randomUUID();
    this.#storedId = copy?.storedId ?? null;
    if (copy !== undefined) {
      this.form = { ...copy.form, files: copy.form.files.filter((one) => one.blobId !== null) };
      this.state = "local";
    }
    void navigator.locks.request(lockName(this.key), () => new Promise<void>((resolve) => (this.#unlock = resolve)));
  }

  get identities(): readonly Identity[] {
    return this.person.records("Identity", this.form.accountId || this.person.account).all;
  }

  get uploading(): boolean {
    return this.form.files.some((one) => one.blobId === null && one.fault === "");
  }

  /** Return whether this is the letter that a draft on the server is of. */
  goesOnWith(emailId: string | undefined): boolean {
    return emailId !== undefined && this.#storedId === emailId;
  }

  /** Ask the server how the letter begins. */
  async begin(letter: Letter): Promise<void> {
    const accountId = letter.accountId ?? this.person.account;
    const identities = this.person.records("Identity", accountId);
    const known = identities.loaded ? Promise.resolve() : identities.load();
    const ids = [...(letter.emailIds ?? [])];
    const kind =
      letter.kind === "forwardAttached"
        ? letter.kind
        : letter.kind in BEGINNINGS
          ? letter.kind
          : ids.length > 0
            ? "editAsNew"
            : "new";
    const [{ identityId, email }, old] = await Promise.all([
      this.person.connection.ask<{ identityId: string | null; email: EmailValues }>("Email/compose", {
        accountId,
        kind,
        emailIds: ids,
        to: letter.to ?? [],
      }),
      letter.kind === "draft" ? this.#answering(accountId, ids) : Promise.resolve({}),
      known,
    ]);
    this.below = kind.startsWith("reply") && this.person.chosen?.mailReplyPlacement === "below";
    const answers = kind.startsWith("reply") || kind === "forward";
    const form = withRoom(formOf(accountId, identityId, { ...email, ...old }), answers, this.below);
    this.form = {
      ...form,
      ...(letter.cc ? { cc: letter.cc } : {}),
      ...(letter.bcc ? { bcc: letter.bcc } : {}),
      ...(letter.subject === undefined ? {} : { subject: letter.subject }),
      ...(letter.text === undefined
        ? {}
        : { text: letter.text + form.text, html: paragraphs(letter.text) + form.html }),
    };
    this.state = "unchanged";
    if (letter.kind === "draft") {
      this.#storedId = ids[0] ?? null;
      this.state = "saved";
    }
    if (letter.files !== undefined && letter.files.length > 0) this.attach(letter.files);
  }

  /** Return the fields by which a draft knows what it answers. */
  async #answering(accountId: string, ids: readonly string[]): Promise<EmailValues> {
    const names = ["X-Folkmoot-Answers:asRaw", "X-Folkmoot-Forwards:asRaw:all"].map((one) => `header:${one}`);
    const { list } = await this.person.connection.ask<Got<Email & Record<string, unknown>>>("Email/get", {
      accountId,
      ids,
      properties: ["inReplyTo", "references", ...names],
    });
    const found = Object.entries(list[0] ?? {}).filter(
      ([name, value]) => name !== "id" && value !== null && !(Array.isArray(value) && value.length === 0),
    );
    return Object.fromEntries(found);
  }

  /** Change something; it is saved by itself. */
  change(values: Partial<Form>): void {
    this.form = { ...this.form, ...values };
    this.#changed++;
    if (this.state !== "sending" && this.state !== "ended") this.state = "unsaved";
    clearTimeout(this.#timers.local);
    this.#timers.local = window.setTimeout(() => void this.#keep(), LOCAL_MS);
    this.#later(SERVER_MS);
  }

  identify(id: string): void {
    const one = this.identities.find((identity) => identity.id === id);
    if (one === undefined) return;
    this.change({
      identityId: id,
      from: [{ name: one.name || null, email: one.email }],
      replyTo: one.replyTo ?? [],
    });
  }

  /** Attach files; pictures that go into the text get a Content-ID, which is returned with each. */
  attach(files: readonly File[], inText = false): readonly { cid: string; url: string; name: string }[] {
    const pictures: { cid: string; url: string; name: string }[] = [];
    const most = uploadMax(this.person.session);
    for (const file of files) {
      const key = crypto.randomUUID();
      const cid = inText && file.type.startsWith("image/") && this.form.isHtml ? `${key}@folkmoot` : null;
      const tooLarge = file.size > most;
      const one: Attached = {
        key,
        name: file.name,
        type: file.type || "application/octet-stream",
        size: file.size,
        blobId: null,
        share: 0,
        cid,
        fault: tooLarge ? t("compose.tooLarge", { size: octets(file.size), most: octets(most) }) : "",
      };
      this.change({ files: [...this.form.files, one] });
      if (tooLarge) continue;
      if (cid !== null) pictures.push({ cid, url: URL.createObjectURL(file), name: file.name });
      void this.#upload(one, file);
    }
    return pictures;
  }

  detach(key: string): void {
    this.#uploads.get(key)?.abort();
    this.change({ files: this.form.files.filter((one) => one.key !== key) });
  }

  pictureUrl(cid: string): string | undefined {
    const one = this.form.files.find((file) => file.cid === cid);
    if (one === undefined || one.blobId === null) return undefined;
    return blobUrl(this.person.session, this.form.accountId, { blobId: one.blobId, name: one.name, type: one.type });
  }

  /** Save now; returns whether the server has it. */
  async save(): Promise<boolean> {
    clearTimeout(this.#timers.server);
    while (this.#saving !== null) await this.#saving;
    if (this.#saved === this.#changed && this.#storedId !== null) return true;
    this.#saving = this.#save().finally(() => (this.#saving = null));
    return this.#saving;
  }

  /** Send it, now or at a time; asks about what looks forgotten. Returns whether it is on its way. */
  async send(words: string, at?: Date): Promise<boolean> {
    const { form } = this;
    if (form.to.length + form.cc.length + form.bcc.length === 0) {
      this.fault = t("compose.nobody");
      return false;
    }
    if (this.uploading) {
      this.fault = t("compose.stillUploading");
      return false;
    }
    if (form.subject.trim() === "" && !(await this.#sure("compose.noSubject"))) return false;
    const attached = form.files.some((one) => one.cid === null && one.blobId !== null);
    if (
      !attached &&
      speaksOfAttachment(`${form.subject}\n${form.text}`, words) &&
      !(await this.#sure("compose.forgotten"))
    )
      return false;
    this.fault = "";
    this.state = "sending";
    if (!(await this.save()) || this.#storedId === null) {
      if (this.fault === "") this.fault = t("frame.unreachable");
      this.state = "local";
      return false;
    }
    try {
      await this.#submit(this.#storedId, at);
      return true;
    } catch (error) {
      this.state = "saved";
      this.fault = reason(error);
      return false;
    }
  }

  /** Close it; what is written stays among the drafts. */
  async close(): Promise<void> {
    if (this.state === "unchanged" || this.state === "beginning") return this.#end();
    if (await this.save()) {
      toasts.done(t("compose.kept"));
      return this.#end();
    }
    toasts.done(t("compose.keptHere"));
    this.desk.ended(this); // the copy on this device stays
  }

  /** Throw it away, with a way back. */
  async discard(): Promise<void> {
    const { form } = this;
    const begun = this.state !== "unchanged" && this.state !== "beginning";
    await this.#end();
    if (begun) toasts.done(t("compose.discarded"), () => this.#reopen(form));
    while (this.#saving !== null) await this.#saving;
    try {
      if (this.#storedId !== null) await this.#set({ destroy: [this.#storedId] });
    } catch (error) {
      toasts.failed(error);
    }
  }

  async #sure(question: "compose.noSubject" | "compose.forgotten"): Promise<boolean> {
    return confirming.ask({ title: t(question), action: t("compose.sendAnyway") });
  }

  async #upload(one: Attached, file: File): Promise<void> {
    const stop = new AbortController();
    this.#uploads.set(one.key, stop);
    try {
      const { blobId } = await upload(this.person.session, this.form.accountId, file, {
        signal: stop.signal,
        onprogress: (share) => this.#file(one.key, { share }),
      });
      this.#file(one.key, { blobId, share: 1 });
      this.change({});
    } catch (error) {
      if (!stop.signal.aborted) this.#file(one.key, { fault: reason(error) });
    } finally {
      this.#uploads.delete(one.key);
    }
  }

  #file(key: string, values: Partial<Attached>): void {
    this.form = { ...this.form, files: this.form.files.map((one) => (one.key === key ? { ...one, ...values } : one)) };
  }

  async #keep(): Promise<void> {
    if (this.state === "ended") return;
    const { key, form } = this;
    await keep({ key, username: this.person.session.username, form, storedId: this.#storedId, at: Date.now() });
  }

  #later(wait: number): void {
    clearTimeout(this.#timers.server);
    this.#timers.server = window.setTimeout(() => void this.save(), wait);
  }

  async #save(): Promise<boolean> {
    if (this.state === "ended") return false;
    const number = this.#changed;
    const sending = this.state === "sending";
    if (!sending) this.state = "saving";
    await this.#keep();
    try {
      const drafts = await this.#mailbox("drafts");
      const answer = await this.#set({ create: { letter: emailOf(this.form, drafts.id) } });
      const made = answer.created?.["letter"];
      if (made === undefined) throw new SetRefused(answer.notCreated?.["letter"] ?? { type: "serverFail" });
      const before = this.#storedId;
      this.#storedId = made.id;
      this.#saved = number;
      if (before !== null) this.#set({ destroy: [before] }).catch(() => undefined); // an older draft is left over at worst
      if (this.#changed === number) await forget(this.key);
      if (!sending) this.state = this.#changed === number ? "saved" : "unsaved";
      this.fault = "";
      return true;
    } catch (error) {
      if (!sending) this.state = "local";
      if (error instanceof Unreachable || error instanceof SignedOut) this.#later(AGAIN_MS);
      else this.fault = reason(error);
      return false;
    }
  }

  async #submit(emailId: string, at: Date | undefined): Promise<void> {
    const { form, person } = this;
    const [drafts, sent] = await Promise.all([this.#mailbox("drafts"), this.#mailbox("sent")]);
    const sender = form.from[0]?.email ?? "";
    const everybody = [...form.to, ...form.cc, ...form.bcc].map((one) => ({ email: one.email, parameters: null }));
    const envelope = {
      mailFrom: { email: sender, parameters: { HOLDUNTIL: at?.toISOString().replace(/\.\d+Z$/, "Z") ?? "" } },
      rcptTo: everybody,
    };
    const filed = { mailboxIds: { [sent.id]: true }, "keywords/$draft": null };
    const answer = await person.connection.ask<SetAnswer<EmailSubmission>>("EmailSubmission/set", {
      accountId: form.accountId,
      create: { sending: { identityId: form.identityId, emailId, ...(at === undefined ? {} : { envelope }) } },
      onSuccessUpdateEmail: { "#sending": filed },
      useUndoDelay: at === undefined,
    });
    const made = answer.created?.["sending"];
    if (made === undefined) throw new SetRefused(answer.notCreated?.["sending"] ?? { type: "serverFail" });
    await this.#end();
    if (made.undoStatus !== "pending") {
      toasts.done(t("compose.sent"));
      return;
    }
    toasts.done(t(at === undefined ? "compose.sent" : "compose.scheduled"), async () => {
      const taken = await person.connection.ask<SetAnswer<EmailSubmission>>("EmailSubmission/set", {
        accountId: form.accountId,
        update: { [made.id]: { undoStatus: "canceled" } },
        onSuccessUpdateEmail: { [made.id]: { mailboxIds: { [drafts.id]: true }, "keywords/$draft": true } },
      });
      const refused = taken.notUpdated?.[made.id];
      if (refused !== undefined) throw new SetRefused(refused);
      this.#reopen(form, taken.updated?.[made.id]?.emailId ?? emailId);
    });
  }

  async #mailbox(role: string): Promise<Mailbox> {
    const mailboxes = this.person.records("Mailbox", this.form.accountId);
    if (!mailboxes.loaded) await mailboxes.load();
    const known = mailboxes.all.find((one) => one.role === role);
    if (known !== undefined) return known;
    return mailboxes.create({ name: role === "drafts" ? "Drafts" : "Sent", role });
  }

  #set(values: Readonly<Record<string, unknown>>): Promise<SetAnswer<Email>> {
    return this.person.connection.ask("Email/set", { accountId: this.form.accountId, ...values });
  }

  #reopen(form: Form, storedId: string | null = null): void {
    this.desk.reopen({ key: this.key, username: this.person.session.username, form, storedId, at: Date.now() });
  }

  async #end(): Promise<void> {
    this.state = "ended";
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    for (const stop of this.#uploads.values()) stop.abort();
    this.#unlock();
    this.desk.ended(this);
    await forget(this.key);
  }
}

/** Leave an empty line where the answer will stand, before or after what is quoted. */
function withRoom(form: Form, answers: boolean, below: boolean): Form {
  if (!form.isHtml || !answers) return form;
  const line = "<div><br></div>";
  return { ...form, html: below ? form.html + line : line + line + form.html };
}

function paragraphs(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<div>${escaped.replaceAll("\n", "</div><div>")}</div>`;
}
