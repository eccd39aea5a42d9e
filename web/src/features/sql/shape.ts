// How a result is shown.

export type Shape = "table" | "chart";
