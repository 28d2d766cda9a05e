import { describe, expect, it } from "vitest";
import { emailOf, formOf, htmlOfText, speaksOfAttachment } from "../src/compose/form";
import { addressesIn } from "../src/people/suggesting";

describe("a letter", () => {
  const begun = {
    mailboxIds: { d: true },
    from: [{ name: "Anna", email: "anna@example.org" }],
    to: [{ name: null, email: "bert@example.org" }],
    subject: "Re: Colours",
    bodyValues: { text: { value: "\n> Paint\n" }, html: { value: "<blockquote>Paint</blockquote>" } },
    inReplyTo: ["one@example.org"],
    "header:X-Folkmoot-Answers:asRaw": "INBOX 1 2",
    "header:X-Folkmoot-Options:asRaw": " sign",
    attachments: [{ blobId: "b", name: "plan.pdf", type: "application/pdf", size: 7, cid: null }],
  };

  it("keeps what the server began it with", () => {
    const form = formOf("a", "i", begun);
    expect(form).toMatchObject({ isHtml: true, sign: true, encrypt: false, priority: 3, subject: "Re: Colours" });
    const email = emailOf(form, "drafts");
    expect(email).toMatchObject({
      mailboxIds: { drafts: true },
      inReplyTo: ["one@example.org"],
      "header:X-Folkmoot-Answers:asRaw": "INBOX 1 2",
      "header:X-Folkmoot-Options:asRaw": "sign",
      htmlBody: [{ partId: "html", type: "text/html" }],
      attachments: [{ blobId: "b", disposition: "attachment" }],
    });
    expect(email).not.toHaveProperty("cc");
    expect(email).not.toHaveProperty("header:X-Priority:asRaw");
  });

  it("does not send what is not uploaded yet", () => {
    const form = formOf("a", "i", {});
    const waiting = { key: "k", name: "x", type: "y", size: 1, blobId: null, share: 0.5, cid: null, fault: "" };
    expect(emailOf({ ...form, files: [waiting] }, "d")["attachments"]).toEqual([]);
  });

  it("notices that something is spoken of, but not in what is quoted", () => {
    expect(speaksOfAttachment("See the Attached plan", "attached|enclosed")).toBe(true);
    expect(speaksOfAttachment("Thanks\n> it is attached", "attached|enclosed")).toBe(false);
  });

  it("turns text into HTML without letting any of it become markup", () => {
    expect(htmlOfText("a <b>\n\n& c")).toBe("<div>a &lt;b&gt;</div><div><br></div><div>&amp; c</div>");
  });
});

describe("addresses as people write them", () => {
  it.each([
    ["anna@example.org", [{ name: null, email: "anna@example.org" }], ""],
    ["Anna Čech <anna@example.org>", [{ name: "Anna Čech", email: "anna@example.org" }], ""],
    [
      '"Čech, Anna" <anna@example.org>; b@x',
      [
        { name: "Čech, Anna", email: "anna@example.org" },
        { name: null, email: "b@x" },
      ],
      "",
    ],
    [
      "a@x\nnobody\nb@x",
      [
        { name: null, email: "a@x" },
        { name: null, email: "b@x" },
      ],
      "nobody",
    ],
    ["<script>", [], "<script>"],
  ])("reads %j", (text, found, left) => {
    expect(addressesIn(text)).toEqual({ found, left });
  });
});
