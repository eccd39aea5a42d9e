// Question: what Ask.svelte asks. Made by whoever needs the answer.

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button that answers says. */
  readonly action: string;
  readonly danger?: boolean;
  /** Set for a question after a name: what stands in the field at first. */
  readonly value?: string;
  readonly answered: (value: string) => void;
}
