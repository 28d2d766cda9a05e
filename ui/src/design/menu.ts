import type { Component } from "svelte";

/** A line of a menu. */
export interface Choice {
  label: string;
  icon?: Component<{ size?: number }>;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** for those of which one or more hold */
  checked?: boolean;
  act?: () => void;
  /** a menu below this line */
  choices?: Choices;
}

export type Choices = readonly (Choice | "line")[];
