// suppressAnswers: keeps the emulator from answering where an answer would do harm.
//
// A program asks its terminal things (where is the cursor, which colour is the background) and
// reads the answer as if it had been typed. While old output is shown again, or when several pages
// show one terminal, such an answer reaches whatever runs now, mostly a shell, as keystrokes. So
// every request that xterm.js answers is swallowed unless `may_answer` says otherwise; its reports of
// the focus, which no request asks for each time, are for the owner of the screen to drop.

import type { IDisposable, Terminal } from "@xterm/xterm";

/** Device attributes, status reports, mode and version requests. */
const csi_requests = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" },
  { prefix: "?", final: "u" },
  { final: "t" },
] as const;

/** Palette, foreground, background and cursor colour: requests when they hold a question mark. */
const osc_colours = [4, 10, 11, 12] as const;

/** What xterm.js says of the focus, at once when a program asks for it (CSI ? 1004 h). */
const focus_reports: readonly string[] = ["\x1b[I", "\x1b[O"];

/** Whether `data` is nothing that anybody typed. */
export const isFocusReport = (data: string): boolean => focus_reports.includes(data);

export function suppressAnswers(terminal: Terminal, may_answer: () => boolean): IDisposable[] {
  const swallow = (): boolean => !may_answer();
  return [
    ...csi_requests.map((id) => terminal.parser.registerCsiHandler(id, swallow)),
    ...osc_colours.map((id) =>
      terminal.parser.registerOscHandler(id, (data) => data.includes("?") && !may_answer()),
    ),
    terminal.parser.registerDcsHandler({ intermediates: "$", final: "q" }, swallow),
  ];
}
