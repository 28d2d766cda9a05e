/** The question that a change of one of many asks: this one, or others too? */

export type Scope = "one" | "following" | "all";

class Scoping {
  asked = $state.raw<{ choices: readonly Scope[]; answer: (scope: Scope | null) => void } | null>(null);

  ask(choices: readonly Scope[]): Promise<Scope | null> {
    this.asked?.answer(null);
    return new Promise((resolve) => {
      this.asked = {
        choices,
        answer: (scope) => {
          this.asked = null;
          resolve(scope);
        },
      };
    });
  }
}

export const scoping = new Scoping();
