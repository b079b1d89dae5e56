// Finds the user whom a client's certificate names (auth.md §12): by e-mail address, host name, URI, or by
// the certificate's subject, in that order.

import { quote } from "../proto/quote.ts";
import type { ClientCertificate } from "./certificate.ts";
import {
  comparable,
  domainComponents,
  orderedKey,
  parseName,
  unorderedKey,
  written,
} from "./distinguished-name.ts";
import type { Member } from "./members.ts";

/** Who a certificate is, and for the debug log how that was found or why not. */
export interface Mapped {
  readonly member: Member | null;
  readonly debug: string;
}

export class CertificateMap {
  readonly #byName: ReadonlyMap<string, Member>;
  /** Users whose names are distinguished ones, with the parts in order and in any. */
  readonly #byParts = new Map<string, Member[]>();

  constructor(byName: ReadonlyMap<string, Member>) {
    this.#byName = byName;
    for (const [user, member] of byName) {
      const name = parseName(user);
      if (name === null) continue;
      for (const key of [orderedKey(name), unorderedKey(name)]) {
        const sharing = this.#byParts.get(key);
        if (sharing === undefined) this.#byParts.set(key, [member]);
        else sharing.push(member);
      }
    }
  }

  /** The first user named whom `isAllowed` lets through. */
  find(certificate: ClientCertificate, isAllowed: (member: Member) => boolean): Mapped {
    const { emails, dnsNames, uris, subject } = certificate;
    const text = written(subject);
    if (emails.length + dnsNames.length + uris.length === 0 && text === "") {
      return { member: null, debug: "User required in cert, none found" };
    }
    const called = (user: string) => {
      const member = this.#byName.get(user);
      return member !== undefined && isAllowed(member) ? member : null;
    };
    const kinds = [
      ["email", emails],
      ["SAN", dnsNames],
      ["URI", uris],
    ] as const;
    for (const [kind, names] of kinds) {
      for (const name of names) {
        const member = called(name);
        if (member !== null) return found(`${kind} found in cert`, member);
      }
    }
    const name = comparable(subject);
    if (name !== null) {
      const sharing = this.#byParts.get(orderedKey(name)) ?? [];
      const similar = this.#byParts.get(unorderedKey(name)) ?? [];
      const member = [...sharing, ...similar].find(isAllowed);
      if (member !== undefined) return found("DistinguishedNameMatch", member);
    }
    const components = domainComponents(subject);
    const whole = components === "" ? null : called(`${text},${components}`);
    if (whole !== null) return found("RDNSequence", whole);
    const member = called(text);
    if (member !== null) return found("certificate subject", member);
    return { member: null, debug: `User in cert [${quoted(text)}], not found` };
  }
}

function found(how: string, member: Member): Mapped {
  return { member, debug: `Using ${how} for auth [${quoted(member.grant.user)}]` };
}

const quoted = (text: string) => quote(Buffer.from(text, "utf8").toString("latin1"));
