// The terminal's colours. Sixteen for each theme, chosen to be read on the page's own background;
// xterm raises the contrast of what programs choose themselves.

import type { ITheme } from "@xterm/xterm";

const dark: ITheme = {
  background: "#0c0f0d",
  foreground: "#dfe5e0",
  cursor: "#6acb9a",
  cursorAccent: "#0c0f0d",
  selectionBackground: "#2b5a43",
  black: "#1d2320",
  red: "#ec7f70",
  green: "#6acb9a",
  yellow: "#e0b565",
  blue: "#7fb2e5",
  magenta: "#c79be0",
  cyan: "#6cc7c9",
  white: "#c8d0ca",
  brightBlack: "#7d8780",
  brightRed: "#f7a295",
  brightGreen: "#93e0b8",
  brightYellow: "#f0cf8f",
  brightBlue: "#a5cbf2",
  brightMagenta: "#dcbcef",
  brightCyan: "#98dfe0",
  brightWhite: "#f3f6f3",
};

const light: ITheme = {
  background: "#fffefb",
  foreground: "#1b211d",
  cursor: "#1c6b49",
  cursorAccent: "#fffefb",
  selectionBackground: "#cfe6d9",
  black: "#1b211d",
  red: "#ad3325",
  green: "#1c6b49",
  yellow: "#7d5200",
  blue: "#245a9c",
  magenta: "#7a3f9d",
  cyan: "#14686c",
  white: "#6b736d",
  brightBlack: "#59625c",
  brightRed: "#c24334",
  brightGreen: "#23805a",
  brightYellow: "#946300",
  brightBlue: "#2f6cb8",
  brightMagenta: "#8f4fb5",
  brightCyan: "#1a7b80",
  brightWhite: "#3d4640",
};

export const terminalTheme = (is_dark: boolean): ITheme => (is_dark ? dark : light);
