// Numbers as people read them. Pure functions; the language only changes the units' words.

const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** 1,536 -> "1.5 KB". Powers of 1,024, at most three digits. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${units[unit] ?? "B"}`;
}

/** "190 MB" of "512 MB" -> "190 / 512 MB": a unit that both share is said once, and so is a plural. */
export function formatShare(used: string, limit: string): string {
  const [value = "", unit] = used.split(" ");
  const shared = unit !== undefined && (limit.endsWith(` ${unit}`) || limit.endsWith(` ${unit.replace(/s$/, "")}`));
  return shared ? `${value} / ${limit}` : `${used} / ${limit}`;
}

/** Milliseconds as "3:59:07", "12:05" or "0:42", for a clock that counts down. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The image's name without its digest. */
export function imageName(image: string): string {
  return image.split("@", 1)[0] ?? image;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || "/";
}

export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}
