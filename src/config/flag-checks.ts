// What the text of some flags must be. The values may carry credentials, so none is ever repeated.
import { parseAddress } from "./address.ts";
import type { FlagCheck } from "./flag-table.ts";

/** What was expected, or undefined when the text is right. Empty means "none" to every flag. */
export function checkFlag(check: FlagCheck, text: string): string | undefined {
  return text === "" ? undefined : CHECKS[check](text);
}

const CHECKS: Readonly<Record<FlagCheck, (text: string) => string | undefined>> = {
  advertised: (text) =>
    parseAddress(text, "port optional") ? undefined : "expected host or host:port",
  "one word": (text) => (/\s/.test(text) ? "expected a name without blanks" : undefined),
  syslog: (text) =>
    /^(udp|tcp|unix):/i.test(text) ? undefined : "expected an address such as udp://host:514",
  "cluster url": checkClusterUrl,
  routes(text) {
    const wrong = text.split(",").some((route) => !isRoute(route.trim()));
    return wrong ? "expected URLs such as nats://host:6222, parted by commas" : undefined;
  },
};

const CLUSTER_URL = /^[a-z][a-z\d+.-]*:\/\/(?:([^/]*)@)?([^/@]*)\/?$/i;

function checkClusterUrl(text: string): string | undefined {
  const [, credentials, address] = CLUSTER_URL.exec(text) ?? [];
  if (address === undefined || !parseAddress(address)) {
    return "expected a URL such as nats://host:6222";
  }
  if (credentials !== undefined && !credentials.includes(":")) {
    return "expected a password after the user";
  }
  return undefined;
}

function isRoute(text: string): boolean {
  const [, , address] = CLUSTER_URL.exec(text) ?? [];
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed !== undefined && parsed.host !== "";
}
