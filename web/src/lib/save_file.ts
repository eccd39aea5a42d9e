// saveFile(): hands what the page has made to the browser, as a download.

/** How long the browser may take to begin reading, before the memory is given back. */
const read_timeout_ms = 60_000;

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  const url = URL.createObjectURL(content);
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), read_timeout_ms);
}
