// PaneSize: how large a terminal of one pane is, as measured by the one that is shown.
//
// A hidden terminal cannot be measured; without this, a reload would give its program the size of
// no window, and draw it anew when it is shown.

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export const default_size: Size = { columns: 80, rows: 24 };

export class PaneSize {
  #current = $state.raw<Size | undefined>(undefined);

  get current(): Size | undefined {
    return this.#current;
  }

  measured(size: Size): void {
    if (size.columns !== this.#current?.columns || size.rows !== this.#current.rows) this.#current = size;
  }
}

/** About what will fit into `host` before there is a terminal to measure. */
export function estimateSize(host: HTMLElement): Size {
  const [font_px, row_px, scrollbar_px] = [14, 17, 26];
  const context = document.createElement("canvas").getContext("2d");
  if (context === null || host.clientWidth === 0) return default_size;
  context.font = `${font_px}px ${getComputedStyle(host).getPropertyValue("--mono")}`;
  const cell_px = context.measureText("W").width;
  const columns = Math.floor((host.clientWidth - scrollbar_px) / cell_px);
  const rows = Math.floor((host.clientHeight - font_px) / row_px);
  return columns < 20 || rows < 4 ? default_size : { columns: Math.min(columns, 1000), rows: Math.min(rows, 1000) };
}
