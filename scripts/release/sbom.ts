// What is inside the executables, as a CycloneDX 1.6 document. The same inputs make the same bytes: no
// time, and a serial number that is a digest of the rest.
import { createHash } from "node:crypto";
import type { Lock, Locked } from "./lock.ts";

export interface Contents {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly lock: Lock;
  /** The packages of Bun's runtime, one of which is in each executable. */
  readonly runtimes: readonly string[];
  /** SHA-256 of each executable, by its name. */
  readonly executables: ReadonlyMap<string, string>;
}

/** The document, as text. */
export function renderSbom(contents: Contents): string {
  const { name, version, description, license, lock } = contents;
  const shipped = lock.shipped();
  const runtimes = contents.runtimes.map((runtime) => lock.package(runtime));
  const self = purl(name, version);
  const refs = new Map(shipped.map((each) => [each.name, purl(each.name, each.version)]));
  const executables = [...contents.executables].map(([file, digest]) => ({
    type: "file",
    "bom-ref": file,
    name: file,
    hashes: [{ alg: "SHA-256", content: digest }],
  }));
  const body = {
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": self,
        name,
        version,
        description,
        licenses: [{ license: { id: license } }],
        purl: self,
        components: executables,
      },
    },
    components: [
      ...shipped.map((each) => componentOf(each, "library")),
      ...runtimes.map((each) => componentOf(each, "platform")),
    ],
    dependencies: [
      {
        ref: self,
        dependsOn: [
          ...lock.direct().map((each) => refs.get(each)!),
          ...runtimes.map((each) => purl(each.name, each.version)),
        ],
      },
      ...shipped.map((each) => ({
        ref: refs.get(each.name)!,
        dependsOn: each.dependencies.map((dependency) => refs.get(dependency)!),
      })),
      ...runtimes.map((each) => ({ ref: purl(each.name, each.version), dependsOn: [] })),
    ],
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(body))}`;
  const head = { bomFormat: "CycloneDX", specVersion: "1.6", serialNumber };
  return `${JSON.stringify({ ...head, ...body }, undefined, 2)}\n`;
}

function componentOf({ name, version, integrity, license }: Locked, type: string): object {
  const digest = Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
  return {
    type,
    "bom-ref": purl(name, version),
    name,
    version,
    hashes: [{ alg: "SHA-512", content: digest }],
    ...(license && { licenses: [{ license: { id: license } }] }),
    purl: purl(name, version),
  };
}

/** The package's address in the notation that scanners of vulnerabilities look things up by. */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** Version 8 (RFC 9562: bits of one's own making) of the text's SHA-256. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
