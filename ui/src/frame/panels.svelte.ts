/** What lies over the screen. */
class Panels {
  palette = $state(false);
  keys = $state(false);
}

export const panels = new Panels();
