// Midge and real nats-servers in one cluster, in every part that Midge can play in it.
import { afterAll, beforeAll, describe, test } from "bun:test";
import type { MidgeOptions } from "../../src/config/options.ts";
import { type IssuedCertificate, TestAuthority } from "../support/certificates.ts";
import { describeWithPeer } from "../support/peer.ts";
import { join } from "../support/wire.ts";
import { deliversEverything } from "./mixed-delivery.ts";
import { meet, type Node, routeTo, startMidge, startOriginal } from "./nodes.ts";

type MidgeCluster = Partial<NonNullable<MidgeOptions["cluster"]>>;

/** How both kinds of servers are set up in a state, and who logs in with what. */
interface Setting {
  readonly name: string;
  readonly login?: string;
  /** More of a nats-server's cluster block, and of its configuration. */
  readonly extra?: string;
  readonly top?: string;
  readonly midge?: MidgeCluster;
  readonly options?: MidgeOptions;
}

const PATIENCE_MS = 20_000;
/** Within this servers have met and know what each other wants. */
const ANSWER_MS = 3_000;

const ACCOUNTS: MidgeOptions = {
  accounts: {
    APP: { users: [{ user: "app", password: "app" }] },
    OTHER: { users: [{ user: "other", password: "other" }] },
  },
  noAuthUser: "app",
};
const ACCOUNTS_BLOCK =
  "accounts { APP { users [{user: app, password: app}] }, OTHER { users [{user: other, password: other}] } }\n" +
  "no_auth_user: app";

const ANY: readonly Setting[] = [
  { name: "as they come" },
  { name: "without a pool here", midge: { poolSize: -1 } },
  {
    name: "with a password",
    login: "ruser:T0pS3cr3t@",
    extra: 'authorization { user: "ruser", password: "T0pS3cr3t" }',
    midge: { authorization: { user: "ruser", password: "T0pS3cr3t" } },
  },
  { name: "with accounts", top: ACCOUNTS_BLOCK, options: ACCOUNTS },
];

/** What servers before 2.10 do not know. */
const NEWER: readonly Setting[] = [
  { name: "without a pool there", extra: "pool_size: -1" },
  { name: "with one connection and no compression", extra: "pool_size: -1\n compression: off" },
  { name: "with a pool of five there", extra: "pool_size: 5" },
  { name: "with a greater pool here", midge: { poolSize: 7 } },
  ...["off", "accept", "s2_auto", "s2_fast", "s2_best"].map((mode) => ({
    name: `with compression ${mode} there`,
    extra: `compression: ${mode}`,
  })),
  {
    name: "with an account on a connection of its own",
    extra: 'accounts: ["APP"]',
    top: ACCOUNTS_BLOCK,
    midge: { accounts: ["APP"] },
    options: ACCOUNTS,
  },
];

let authority: TestAuthority;
let issued: IssuedCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  issued = await authority.issue({
    commonName: "node",
    hosts: ["127.0.0.1", "localhost"],
    peer: true,
  });
});

afterAll(() => authority[Symbol.dispose]());

/** With certificates of one authority, known when the tests run. */
function encrypted(): Setting {
  const { certFile, keyFile } = issued;
  const { caFile } = authority;
  return {
    name: "encrypted",
    extra: `tls { cert_file: ${certFile}, key_file: ${keyFile}, ca_file: ${caFile} }`,
    midge: { tls: { certFile, keyFile, caFile } },
  };
}

/** Starts servers of both kinds that are set up alike. */
class Crew {
  readonly #path: string;
  readonly #setting: Setting;

  constructor(path: string, setting: Setting) {
    this.#path = path;
    this.#setting = setting;
  }

  midge(name: string, ...seeds: Node[]): Promise<Node> {
    const { midge, options } = this.#setting;
    return startMidge(name, { ...midge, routes: this.#routes(seeds) }, options);
  }

  original(name: string, ...seeds: Node[]): Promise<Node> {
    const { extra, top } = this.#setting;
    return startOriginal(this.#path, name, this.#routes(seeds), extra, top);
  }

  #routes(seeds: readonly Node[]): string[] {
    return seeds.map((seed) => routeTo(seed, this.#setting.login));
  }
}

/** Asks again until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + ANSWER_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error("N1 never heard of N2 in the system account");
  }
}

for (const level of ["2.15", "2.9"] as const) {
  describeWithPeer(`a cluster with nats-server ${level}`, level, (path) => {
    const settings = level === "2.9" ? ANY : [...ANY, ...NEWER];
    const cases: [string, () => Setting][] = [
      ...settings.map((each): [string, () => Setting] => [each.name, () => each]),
      ["encrypted", encrypted],
    ];
    describe.each(cases)("%s", (_, setting) => {
      test(
        "Midge dials: every message arrives, once, both ways",
        async () => {
          const crew = new Crew(path, setting());
          await using original = await crew.original("N");
          await using midge = await crew.midge("M", original);
          await deliversEverything(midge, original);
        },
        PATIENCE_MS,
      );

      test(
        "Midge is dialled, and stands between others: every message arrives, once",
        async () => {
          const crew = new Crew(path, setting());
          await using midge = await crew.midge("M");
          const starting = [crew.original("N1", midge), crew.original("N2", midge)] as const;
          await using one = await starting[0];
          await using two = await starting[1];
          await deliversEverything(one, midge, two);
        },
        PATIENCE_MS,
      );
    });

    test(
      "servers that met through Midge hear of each other's system account",
      async () => {
        const top = "accounts { SYS { users [{user: s, password: s}] } }\nsystem_account: SYS";
        await using midge = await startMidge("M");
        await using one = await startOriginal(path, "N1", [routeTo(midge)], "", top);
        await using two = await startOriginal(path, "N2", [routeTo(midge)], "", top);
        await meet(one, midge, two);
        await using asker = await join(one.port, { user: "s", pass: "s" });
        await asker.says("SUB answers 1\r\n");
        await until(async () => {
          await asker.says("PUB $SYS.REQ.SERVER.PING answers 0\r\n\r\nPING\r\n");
          let heard = "";
          for (let item = ""; item !== "PONG\r\n"; heard += item) {
            item = (await asker.hearsItem())!;
          }
          return heard.includes('"server":{"name":"N2"');
        });
      },
      PATIENCE_MS,
    );

    for (const count of [2, 3]) {
      test(
        `${count} of each kind, all from one seed of either kind: every message arrives, once`,
        async () => {
          for (const first of ["midge", "original"] as const) {
            const crew = new Crew(path, { name: "" });
            await using seed = await crew[first]("SEED");
            await using nodes = new AsyncDisposableStack();
            const names = Array.from({ length: count }, (_, i) => i);
            const starting = [
              ...names.map((i) => crew.midge(`M${i}`, seed)),
              ...names.map((i) => crew.original(`N${i}`, seed)),
            ].slice(first === "midge" ? 1 : 0, first === "midge" ? undefined : -1);
            const others = await Promise.all(starting);
            for (const node of others) nodes.use(node);
            await deliversEverything(seed, ...others);
          }
        },
        PATIENCE_MS,
      );
    }
  });
}
