// The names in a client's certificate, by which it may be a user (auth.md §12). That it is genuine was
// checked by the handshake; this only reads.

import { elements, identifier, text, type Element } from "./der.ts";
import type { Name, NamePart } from "./distinguished-name.ts";

export interface ClientCertificate {
  readonly emails: readonly string[];
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** Its relative names in the order of the certificate, which is the reverse of the written one. */
  readonly subject: Name;
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const OCTET_STRING = 0x04;
const SUBJECT_ALT_NAME = "2.5.29.17";
const EMAIL = 0x81;
const DNS_NAME = 0x82;
const URI = 0x86;

const NAMELESS: ClientCertificate = { emails: [], dnsNames: [], uris: [], subject: [] };

/** Reads a certificate in DER. One that makes no sense has no names, so it is nobody's. */
export function parseCertificate(der: Uint8Array): ClientCertificate {
  try {
    return read(der);
  } catch {
    return NAMELESS;
  }
}

function read(der: Uint8Array): ClientCertificate {
  const fields = within(within(elements(der)[0])[0]);
  // Version 1 has no version field. Then: serial, algorithm, issuer, validity, subject.
  const subject = fields[fields[0]?.tag === VERSION ? 5 : 4];
  const names = alternativeNames(fields.find(({ tag }) => tag === EXTENSIONS));
  const ofKind = (kind: number) => names.filter(({ tag }) => tag === kind).map(text);
  return {
    emails: ofKind(EMAIL),
    dnsNames: ofKind(DNS_NAME),
    uris: ofKind(URI),
    subject: within(subject).map((relative) => within(relative).map(namePart)),
  };
}

function namePart(element: Element): NamePart {
  const [type, value] = within(element);
  if (type === undefined || value === undefined)
    throw new Error("certificate: a name without value");
  return { type: identifier(type.content), value: text(value) };
}

function alternativeNames(extensions: Element | undefined): Element[] {
  if (extensions === undefined) return [];
  for (const extension of within(elements(extensions.content)[0])) {
    const [type, ...rest] = within(extension);
    if (type === undefined || identifier(type.content) !== SUBJECT_ALT_NAME) continue;
    // A mark of being critical may stand before the value.
    const value = rest.find(({ tag }) => tag === OCTET_STRING);
    return value === undefined ? [] : within(elements(value.content)[0]);
  }
  return [];
}

function within(element: Element | undefined): Element[] {
  // Sequences, and the sets that relative names are.
  if (element === undefined || (element.tag | 1) !== (SEQUENCE | 1)) {
    throw new Error("certificate: not in its usual form");
  }
  return elements(element.content);
}
