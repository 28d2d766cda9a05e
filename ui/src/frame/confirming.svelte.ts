/** Asking before something is done that cannot be taken back. */

export interface Question {
  title: string;
  text?: string;
  /** the name of what is done, for the button */
  action: string;
  danger?: boolean;
}

class Confirming {
  asked = $state.raw<(Question & { answer: (yes: boolean) => void }) | null>(null);

  /** Ask, and return whether it shall be done; a question that is open is answered with no. */
  ask(question: Question): Promise<boolean> {
    this.asked?.answer(false);
    return new Promise((resolve) => {
      this.asked = {
        ...question,
        answer: (yes) => {
          this.asked = null;
          resolve(yes);
        },
      };
    });
  }
}

export const confirming = new Confirming();
