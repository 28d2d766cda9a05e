import { t } from "$/words/index.svelte";
import type { Binding } from "./keys.svelte";
import type { Shown } from "./modules";
import { panels } from "./panels.svelte";
import { route } from "./route.svelte";

/** Return the keys that act on every screen. */
export function bindings(modules: readonly Shown[]): Binding[] {
  return [
    { keys: ["?"], label: t("frame.keys"), act: () => (panels.keys = true) },
    { keys: ["Ctrl+k", "s", "/"], label: t("frame.search"), act: () => (panels.palette = true) },
    ...modules.map((one, index) => ({
      keys: [`Alt+${index + 1}`],
      label: t("frame.goTo", { place: t(one.label) }),
      act: () => route.go([one.name]),
      always: true,
    })),
  ];
}
