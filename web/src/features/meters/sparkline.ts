// The path of a small chart: shares from 0 to 1, the newest at the right edge.

export interface Sparkline {
  readonly line: string;
  readonly area: string;
}

/** `slots` is how many values fill the width; fewer leave the left side empty. */
export function sparkline(values: readonly number[], slots: number, width: number, height: number): Sparkline {
  if (values.length < 2) return { line: "", area: "" };
  const step = width / (slots - 1);
  const left = width - step * (values.length - 1);
  const points = values.map((value, at) => `${(left + at * step).toFixed(1)} ${(height - value * height).toFixed(1)}`);
  const line = `M${points.join("L")}`;
  return { line, area: `${line}L${width} ${height}L${left.toFixed(1)} ${height}Z` };
}
