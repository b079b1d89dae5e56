// The official Go and Python clients log in by every way there is, over TLS and in the clear, and are
// refused where they should be. MIDGE_GO and MIDGE_PYTHON name the compiler and the interpreter; what is
// named must do, and where there is none its tests are skipped and say why.
import { afterAll, describe, test } from "bun:test";
import { TestAuthority } from "../support/certificates.ts";
import { buildFolder, buildGo, findPython, ForeignClient, type Found } from "./foreign/client.ts";
import { play } from "./scenes.ts";
import { accessScenes } from "./scenes-access.ts";
import { tlsScenes } from "./scenes-tls.ts";

const trusted = await TestAuthority.create();
const other = await TestAuthority.create("Somebody else");
const built = buildFolder();
const scenes = [...(await accessScenes()), ...(await tlsScenes(trusted, other))];
afterAll(() => {
  for (const thing of [trusted, other, built]) thing[Symbol.dispose]();
});

// The Python client goes on in the clear with a server that does not require TLS, whatever it was told.
playWith("nats.go", buildGo(built.path), { named: "MIDGE_GO", insistsOnTls: true });
playWith("nats.py", findPython(), { named: "MIDGE_PYTHON", insistsOnTls: false });

function playWith(
  name: string,
  found: Found,
  { named, insistsOnTls }: { named: string; insistsOnTls: boolean },
): void {
  if ("command" in found) {
    describe(name, () => {
      const client = new ForeignClient(name, found.command, insistsOnTls);
      afterAll(() => client[Symbol.asyncDispose]());
      play(scenes, [client]);
    });
  } else if (process.env[named] !== undefined) {
    test(name, () => {
      throw new Error(found.missing);
    });
  } else {
    console.warn(`skipped: ${name}: ${found.missing}`);
    test.skip(`${name} (${found.missing})`, () => {});
  }
}
