/** How it looks on this device: light or dark, density, widths of panes; kept in the browser. */

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";

const THEMES: readonly [Theme, ...Theme[]] = ["system", "light", "dark"];
const DENSITIES: readonly [Density, ...Density[]] = ["comfortable", "compact"];
const PHONE = matchMedia("(max-width: 47.99rem)");
const TABLET = matchMedia("(max-width: 68rem)");

class Look {
  theme = $state<Theme>(kept("theme", THEMES));
  density = $state<Density>(kept("density", DENSITIES));
  phone = $state(PHONE.matches);
  tablet = $state(TABLET.matches);

  constructor() {
    PHONE.addEventListener("change", () => (this.phone = PHONE.matches));
    TABLET.addEventListener("change", () => (this.tablet = TABLET.matches));
    this.#show();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem("theme", theme);
    this.#show();
  }

  setDensity(density: Density): void {
    this.density = density;
    localStorage.setItem("density", density);
    this.#show();
  }

  #show(): void {
    const { dataset } = document.documentElement;
    dataset["theme"] = this.theme;
    dataset["density"] = this.density;
  }
}

export const look = new Look();

function kept<T extends string>(name: string, known: readonly [T, ...T[]]): T {
  const value = localStorage.getItem(name);
  return known.find((one) => one === value) ?? known[0];
}
