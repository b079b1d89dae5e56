// The ways to log in without encryption, each with the right credentials and with wrong ones (auth.md
// §1–§8). Passwords, tokens and keys are made anew for each run.
import { newNkey } from "../support/nkeys.ts";
import { secret } from "../support/secrets.ts";
import type { Scene } from "./scenes.ts";

const BCRYPT_PREFIXES = ["$2a$", "$2b$", "$2y$"] as const;
const BCRYPT_COST = 4;

/** All scenes, with fresh secrets. */
export async function accessScenes(): Promise<Scene[]> {
  return [
    singleUser(),
    userOfFlags(),
    token(),
    await bcryptToken(),
    manyUsers(),
    await bcryptUsers(),
    nkeys(),
    noAuthUser(),
    accounts(),
  ];
}

function singleUser(): Scene {
  const password = secret();
  return {
    name: "a single user",
    config: `authorization { user: "alice", password: "${password}" }`,
    visits: [
      { name: "with the password", brings: { user: "alice", password } },
      { name: "with another password", brings: { user: "alice", password: secret() }, refusal },
      { name: "without a password", brings: { user: "alice" }, refusal },
      { name: "as somebody else", brings: { user: "bob", password }, refusal },
      { name: "with the password as a token", brings: { token: password }, refusal },
      { name: "with nothing", brings: {}, refusal },
    ],
  };
}

function userOfFlags(): Scene {
  const password = secret();
  return {
    name: "a single user of the command line",
    config: "",
    flags: ["--user", "alice", "--pass", password],
    visits: [
      { name: "with the password", brings: { user: "alice", password } },
      { name: "with another password", brings: { user: "alice", password: secret() }, refusal },
    ],
  };
}

function token(): Scene {
  const text = secret();
  return {
    name: "a token",
    config: `TOKEN = "${text}"\nauthorization { token: $TOKEN }`,
    visits: [
      { name: "with the token", brings: { token: text } },
      { name: "with another token", brings: { token: secret() }, refusal },
      { name: "with the token as a password", brings: { user: "alice", password: text }, refusal },
      { name: "with nothing", brings: {}, refusal },
    ],
  };
}

async function bcryptToken(): Promise<Scene> {
  const text = secret();
  const hash = await hashOf(text, "$2a$");
  return {
    name: "a token known by its bcrypt hash",
    config: `authorization { token: "${hash}" }`,
    visits: [
      { name: "with the token", brings: { token: text } },
      { name: "with the hash itself", brings: { token: hash }, refusal },
    ],
  };
}

function manyUsers(): Scene {
  const [first, second] = [secret(), secret()];
  return {
    name: "many users",
    config: `authorization { users: [
      { user: "alice", password: "${first}" }
      { user: "bob", password: "${second}" }
    ] }`,
    visits: [
      { name: "as the first", brings: { user: "alice", password: first } },
      { name: "as the second", brings: { user: "bob", password: second } },
      { name: "with another's password", brings: { user: "alice", password: second }, refusal },
      { name: "as nobody known", brings: { user: "carol", password: first }, refusal },
      { name: "with nothing", brings: {}, refusal },
    ],
  };
}

async function bcryptUsers(): Promise<Scene> {
  const users = await Promise.all(
    BCRYPT_PREFIXES.map(async (prefix) => {
      const password = secret();
      return {
        user: `user${prefix.slice(1, 3)}`,
        prefix,
        password,
        hash: await hashOf(password, prefix),
      };
    }),
  );
  const entries = users.map(({ user, hash }) => `{ user: "${user}", password: "${hash}" }`);
  return {
    name: "users known by bcrypt hashes",
    config: `authorization { users: [ ${entries.join(", ")} ] }`,
    visits: users.flatMap(({ user, prefix, password, hash }) => [
      { name: `${prefix} with the password`, brings: { user, password } },
      { name: `${prefix} with another`, brings: { user, password: secret() }, refusal },
      { name: `${prefix} with the hash itself`, brings: { user, password: hash }, refusal },
    ]),
  };
}

function nkeys(): Scene {
  const known = newNkey();
  const password = secret();
  return {
    name: "nkeys",
    config: `authorization { users: [
      { nkey: "${known.nkey}" }
      { user: "bob", password: "${password}" }
    ] }`,
    visits: [
      { name: "with the seed", brings: { seed: known.seed } },
      { name: "with another seed", brings: { seed: newNkey().seed }, refusal },
      { name: "as a user with a password beside them", brings: { user: "bob", password } },
      { name: "with nothing", brings: {}, refusal },
    ],
  };
}

function noAuthUser(): Scene {
  const password = secret();
  return {
    name: "no_auth_user",
    config: `no_auth_user: "visitor"
    accounts {
      OPEN { users: [ { user: "visitor", password: "${secret()}" } ] }
      HOME { users: [ { user: "alice", password: "${password}" } ] }
    }`,
    visits: [
      { name: "with nothing", brings: {} },
      { name: "as a user with the password", brings: { user: "alice", password } },
      { name: "as a user with another", brings: { user: "alice", password: secret() }, refusal },
      { name: "as nobody known", brings: { user: "carol", password }, refusal },
    ],
  };
}

function accounts(): Scene {
  const [first, second] = [secret(), secret()];
  const key = newNkey();
  return {
    name: "accounts",
    config: `accounts {
      A { users: [ { user: "alice", password: "${first}" } ] }
      B { users: [ { user: "bob", password: "${second}" }, { nkey: "${key.nkey}" } ] }
    }`,
    visits: [
      { name: "as a user of one", brings: { user: "alice", password: first } },
      { name: "as a user of the other", brings: { user: "bob", password: second } },
      { name: "as an nkey of the other", brings: { seed: key.seed } },
      {
        name: "with another account's password",
        brings: { user: "bob", password: first },
        refusal,
      },
      { name: "with nothing", brings: {}, refusal },
    ],
  };
}

const refusal = "credentials";

/** The hash under the prefix that other tools write; all of them mean the same algorithm. */
async function hashOf(text: string, prefix: (typeof BCRYPT_PREFIXES)[number]): Promise<string> {
  const hash = await Bun.password.hash(text, { algorithm: "bcrypt", cost: BCRYPT_COST });
  return secret(hash.replace(/^\$2[a-z]\$/, () => prefix));
}
