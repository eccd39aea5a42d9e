// svgText(): a drawing of the page as a file that looks the same elsewhere.
//
// The page's drawings take their colours from style sheets; a file has none, so that every element
// gets the values that it has at the moment.

const kept = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "font-style",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
] as const;

function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of kept) to.setAttribute(name, style.getPropertyValue(name));
  for (const name of ["class", "style", "tabindex", "role", "data-node"]) to.removeAttribute(name);
  for (const [at, child] of Array.from(from.children).entries()) {
    const copy = to.children[at];
    if (copy !== undefined) inline(child, copy);
  }
}

/** `content` as an SVG document of `width` times `height`. */
export function svgText(content: SVGGElement, width: number, height: number): string {
  const copy = content.cloneNode(true) as SVGGElement;
  inline(content, copy);
  copy.removeAttribute("transform");
  const background = getComputedStyle(document.body).backgroundColor;
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const body = new XMLSerializer().serializeToString(copy);
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="100%" height="100%" fill="${background}"/>${body}</svg>`;
}
