// submission(): how every form is sent: by the page, and with the focus where something is wrong.

import { tick } from "svelte";

/** For a form's onsubmit. What `submit` finds wrong is shown beside its field when it is done. */
export function submission(submit: () => unknown): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    void (async () => {
      await submit();
      await tick();
      if (form instanceof HTMLFormElement) form.querySelector<HTMLElement>("[aria-invalid='true']")?.focus();
    })();
  };
}
