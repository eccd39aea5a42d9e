// drawChart(): a chart in uPlot, in the colours of the page.
//
// uPlot draws on a canvas, which knows no custom properties: they are read from the page each time.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { ChartData, ChartKind } from "./series.js";

export interface ChartLook {
  readonly text: string;
  readonly line: string;
  readonly series: readonly string[];
}

export interface Chart {
  readonly data: ChartData;
  readonly kind: ChartKind;
  readonly x_name: string;
  readonly y_names: readonly string[];
  readonly look: ChartLook;
}

const font = '12px system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif';
const label_letters_max = 14;
const bars = uPlot.paths.bars;
/** One bar takes most of its place; several stand behind each other. */
const bar_share = 0.7;
const bar_px_max = 80;

function seriesOf({ kind, y_names, look, data }: Chart): uPlot.Series[] {
  const crowded = data.places.length > 200;
  return y_names.map((label, at) => {
    const colour = look.series[at % look.series.length] ?? look.text;
    const fill = kind === "bar" ? colour : undefined;
    const made: uPlot.Series = {
      label,
      stroke: colour,
      width: kind === "line" ? 2 : 1,
      spanGaps: false,
      points: kind === "bar" ? { show: false } : { show: kind === "scatter" || !crowded, size: kind === "scatter" ? 6 : 5, fill: colour },
    };
    if (kind === "scatter") made.paths = () => null;
    if (kind === "bar" && bars !== undefined) made.paths = bars({ size: [bar_share, bar_px_max], align: 0 });
    if (fill !== undefined) made.fill = fill;
    return made;
  });
}

const shortened = (label: string): string =>
  label.length > label_letters_max ? `${label.slice(0, label_letters_max - 1)}…` : label;

function acrossOf({ data, look, x_name }: Chart): uPlot.Axis {
  const axis: uPlot.Axis = {
    label: x_name,
    labelFont: font,
    labelSize: 24,
    font,
    stroke: look.text,
    grid: { stroke: look.line, width: 1 },
    ticks: { stroke: look.line, width: 1 },
  };
  if (data.axis !== "text") return axis;
  // A text stands at whole places only.
  return {
    ...axis,
    space: 80,
    incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
    values: (_plot, places) => places.map((place) => (Number.isInteger(place) ? shortened(data.labels[place] ?? "") : "")),
  };
}

/** Half a place of room at both ends, so that the outer bars are whole. */
function acrossRange({ data, kind }: Chart): uPlot.Scale {
  const first = data.places[0] ?? 0;
  const last = data.places.at(-1) ?? 1;
  if (kind !== "bar" && data.axis !== "text") return { time: data.axis === "time" };
  const room = data.places.length > 1 ? (last - first) / (data.places.length - 1) / 2 : 0.5;
  return { time: data.axis === "time", range: () => [first - room, last + room] };
}

function upRange(kind: ChartKind): uPlot.Scale {
  if (kind !== "bar") return {};
  // Bars begin at zero.
  return { range: (_plot, low, high) => uPlot.rangeNum(Math.min(low, 0), Math.max(high, 0), 0.1, true) };
}

export function drawChart(host: HTMLElement, chart: Chart, width: number, height: number): uPlot {
  const { data, look } = chart;
  const up: uPlot.Axis = {
    font,
    size: 64,
    stroke: look.text,
    grid: { stroke: look.line, width: 1 },
    ticks: { stroke: look.line, width: 1 },
  };
  const across_series: uPlot.Series = { label: chart.x_name };
  if (data.axis === "text") across_series.value = (_plot, place) => data.labels[place] ?? "–";
  const options: uPlot.Options = {
    width,
    height,
    scales: { x: acrossRange(chart), y: upRange(chart.kind) },
    series: [across_series, ...seriesOf(chart)],
    axes: [acrossOf(chart), up],
    cursor: { points: { size: 8 } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
  };
  return new uPlot(options, [[...data.places], ...data.values.map((values) => [...values])], host);
}
