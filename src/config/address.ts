// Addresses as the configuration writes them: host:port, with brackets around an IPv6 host.

export interface Address {
  /** Without brackets; "" is everywhere. */
  readonly host: string;
  /** -1 is any free one; undefined where it may be left out and was. */
  readonly port: number | undefined;
}

const WITH_PORT = /^(?:\[([^[\]]*)\]|([^:[\]\s]*)):(-?\d{1,5})$/;
const WITHOUT_PORT = /^(?:\[([^[\]]+)\]|([^:[\]\s]+))$/;

/** Undefined when the text is no address. */
export function parseAddress(
  text: string,
  need: "port" | "port optional" = "port",
): Address | undefined {
  const match = WITH_PORT.exec(text);
  if (match) {
    const port = Number(match[3]);
    if (port < -1 || port > 65_535) return undefined;
    return { host: match[1] ?? match[2] ?? "", port };
  }
  const bare = need === "port" ? null : WITHOUT_PORT.exec(text);
  return bare ? { host: bare[1] ?? bare[2] ?? "", port: undefined } : undefined;
}
