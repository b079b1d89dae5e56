// Where the monitor is. The page may be at "/", at "/nats" or behind a proxy at any other path, with or
// without a slash at its end: everything else is beside it.

const { pathname } = location;
const base = pathname.endsWith("/") ? pathname : `${pathname}/`;

export function address(path: string): string {
  return base + path;
}
