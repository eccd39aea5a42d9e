// 16 px line icons, 1.4 px strokes, drawn on one grid so that they sit together.

export const icons = {
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  terminal: "M2.5 3h11v10h-11zM5 6l2 2-2 2M8.5 10.5H11",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  "file-plus": "M12 7V5L9 2H4v12h4M9 2v3h3M12 9.5v5M9.5 12h5",
  folder: "M2 4h4l1.5 1.5H14V13H2z",
  "folder-plus": "M8.5 13H2V4h4l1.5 1.5H14V8M12 9.5v5M9.5 12h5",
  link: "M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 013.5 3.5L10.5 8.5M9 11l-1.5 1.5A2.5 2.5 0 014 9l1.5-1.5",
  chevron: "M6 4l4 4-4 4",
  upload: "M8 11V3M5 6l3-3 3 3M3 11v2.5h10V11",
  download: "M8 3v8M5 8l3 3 3-3M3 11v2.5h10V11",
  pencil: "M3 13l.5-3L11 2.5l2.5 2.5L6 12.5zM9.5 4l2.5 2.5",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
  refresh: "M13 8a5 5 0 11-1.5-3.5M13 2.5v3h-3",
  sun: "M8 5.2a2.8 2.8 0 100 5.6 2.8 2.8 0 000-5.6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  moon: "M13.5 9.5A6 6 0 016.5 2.5a6 6 0 107 7z",
  system: "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
  arrow: "M3 8h10M9 4l4 4-4 4",
  clock: "M8 2a6 6 0 100 12A6 6 0 008 2zM8 5v3l2 1.5",
  database: "M3 4c0-2 10-2 10 0s-10 2-10 0v8c0 2 10 2 10 0V4M3 8c0 2 10 2 10 0",
  leaf: "M3 13c0-6 3-10 10-10 0 7-4 10-10 10zM3 13l5-5",
  braces: "M6 2.5c-2 0-2 1-2 2.5S4 8 2.5 8C4 8 4 9.5 4 11s0 2.5 2 2.5M10 2.5c2 0 2 1 2 2.5s0 3 1.5 3C12 8 12 9.5 12 11s0 2.5-2 2.5",
  shield: "M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4z",
  plug: "M6 2v3M10 2v3M4 5h8v2a4 4 0 01-8 0zM8 11v3",
  speech: "M2.5 3h11v8H8l-3 2.5V11H2.5z",
  save: "M3 3h8l2 2v8H3zM5.5 3v3h4V3M5.5 13V9.5h5V13",
  warning: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.3",
  chip: "M4 4h8v8H4zM6.5 6.5h3v3h-3zM6 1.5V4M10 1.5V4M6 12v2.5M10 12v2.5M1.5 6H4M1.5 10H4M12 6h2.5M12 10h2.5",
} as const;

export type IconName = keyof typeof icons;
