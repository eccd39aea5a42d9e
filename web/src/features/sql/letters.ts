// Letters: how much room a text takes where every letter is as wide as another, or twice.

const is_wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\ud800-\udbff]/;
/** Nothing is shown that is wider. */
const looked_at_max = 80;

/** How many letters wide a text is, where those of Chinese count as two. */
export function letterWidth(text: string): number {
  let width = 0;
  for (const letter of text.slice(0, looked_at_max)) width += is_wide.test(letter) ? 2 : 1;
  return width;
}

/** As much of `text` as is `width` letters wide, with a sign where it was cut. */
export function cutTo(text: string, width: number): string {
  if (text.length <= looked_at_max && letterWidth(text) <= width) return text;
  let shown = "";
  let taken = 1;
  for (const letter of text.slice(0, looked_at_max)) {
    taken += is_wide.test(letter) ? 2 : 1;
    if (taken > width) break;
    shown += letter;
  }
  return `${shown}…`;
}
