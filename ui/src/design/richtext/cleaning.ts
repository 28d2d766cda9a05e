/** HTML on its way into and out of the editor: cleaned, and pictures kept from reaching anywhere. */

import DOMPurify from "dompurify";

/** Where a picture of the message is shown from, by its Content-ID. */
export type PictureUrl = (cid: string) => string | undefined;

/** What the editor can be asked to do. */
export interface RichEditor {
  picture: (cid: string, url: string, name: string) => void;
  focus: (atEnd?: boolean) => void;
  /** Return what is written as plain text. */
  plain: () => string;
}

const FORBIDDEN = ["style", "form", "input", "button", "textarea", "select", "iframe", "video", "audio", "svg", "math"];

/** Return what may be edited of a text; pictures from elsewhere are kept by name, and not fetched. */
export function cleaned(html: string, pictureUrl: PictureUrl): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: FORBIDDEN,
    FORBID_ATTR: ["id", "class", "srcset", "background"],
    ADD_ATTR: ["data-cid", "data-from"],
    ALLOW_DATA_ATTR: false,
  });
  for (const image of fragment.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    const cid = image.dataset["cid"] ?? (/^cid:/i.test(source) ? source.slice(4) : undefined);
    if (cid !== undefined) {
      image.dataset["cid"] = cid;
      image.setAttribute("src", pictureUrl(cid) ?? "");
    } else if (!/^(?:data:image\/|blob:)/i.test(source)) {
      image.dataset["from"] ??= source;
      image.removeAttribute("src");
    }
  }
  for (const element of fragment.querySelectorAll<HTMLElement>("[style*='url' i]")) element.removeAttribute("style");
  return fragment;
}

/** Return what stands in the editor as it is sent. */
export function written(root: HTMLElement): string {
  const copy = root.cloneNode(true) as HTMLElement;
  for (const image of copy.querySelectorAll("img")) {
    const { cid, from } = image.dataset;
    if (cid !== undefined) image.setAttribute("src", `cid:${cid}`);
    else if (from !== undefined) image.setAttribute("src", from);
    delete image.dataset["cid"];
    delete image.dataset["from"];
  }
  // The editor's marks for the cursor stay here.
  // eslint-disable-next-line no-restricted-properties -- it is read, and set nowhere
  return copy.innerHTML.replaceAll("\u200b", "");
}
