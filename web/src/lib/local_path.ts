// localPath(): where to go after a sign-in, from an address that anybody may have made.

/** A browser reads "/\\host" like "//host", and leaves out control characters before it reads. */
const misread = /[\s\\]|\p{Cc}/u;

/** `path` when it leads to a page of this server; else the home page. */
export function localPath(path: string | null): string {
  if (path === null || !path.startsWith("/") || path.startsWith("//") || misread.test(path)) return "/";
  return path;
}

/** The sign-in page that leads back to `path`. */
export function signInPath(path: string): string {
  return path === "/" ? "/sign-in" : `/sign-in?return_to=${encodeURIComponent(path)}`;
}
