// The configurations that some rows need: files in a folder of their own, the same for every server,
// and what the load generator must know to get in.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestAuthority } from "../../test/support/certificates.ts";
import type { Access } from "./measure.ts";
import type { Row, Setup } from "./rows.ts";

/** What a server is started with, and how clients get in. */
export interface Prepared {
  readonly flags: readonly string[];
  /** Its monitor is on. */
  readonly monitored?: boolean;
  /** It is two servers. */
  readonly clustered?: boolean;
  readonly access: Access;
}

const DEFAULTS: Prepared = { flags: [], access: {} };
const MONITORED: Prepared = { ...DEFAULTS, monitored: true };
const CLUSTERED: Prepared = { ...DEFAULTS, clustered: true };
const LOGIN = { user: "bench", pass: "bench" };

/** Lists as applications have them, with the subjects of the load neither first nor alone. */
const PERMISSIONS = `authorization {
  users = [
    { user: admin, password: admin }
    {
      user: ${LOGIN.user}, password: ${LOGIN.pass}
      permissions {
        publish { allow: ["orders.*.created", "metrics.>", "bench.*.*.temp", "_INBOX.>"] }
        subscribe { allow: ["orders.>", "config.*", "bench.*.*.temp", "_INBOX.>"] }
      }
    }
  ]
}
`;

export class Setups {
  readonly #prepared = new Map<Setup, Prepared>();
  #folder: string | undefined;

  /** Prepares what the rows need; it is gone when the process ends. */
  static async of(rows: readonly Row[]): Promise<Setups> {
    const setups = new Setups();
    const wanted = new Set(rows.map((row) => row.setup));
    if (wanted.has("permissions")) {
      setups.#add("permissions", PERMISSIONS, { login: LOGIN });
    }
    if (wanted.has("tls")) {
      const authority = await TestAuthority.create("bench");
      process.on("exit", () => authority[Symbol.dispose]());
      const { certFile, keyFile } = await authority.issue({});
      const tls = `tls { cert_file: "${certFile}", key_file: "${keyFile}" }\n`;
      setups.#add("tls", tls, { ca: authority.ca });
    }
    return setups;
  }

  for(row: Row): Prepared {
    if (row.setup === "monitor") return MONITORED;
    if (row.setup === "cluster") return CLUSTERED;
    return (row.setup && this.#prepared.get(row.setup)) ?? DEFAULTS;
  }

  #add(setup: Setup, config: string, access: Access): void {
    const file = join(this.#ownFolder(), `${setup}.conf`);
    writeFileSync(file, config);
    this.#prepared.set(setup, { flags: ["-c", file], access });
  }

  #ownFolder(): string {
    if (this.#folder) return this.#folder;
    const folder = mkdtempSync(join(tmpdir(), "midge-bench-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    return (this.#folder = folder);
  }
}
