// Configuration texts about users and accounts, for tests that need many of them.

/** A bcrypt hash as cheap as can be. */
export const bcrypt = (password: string, cost = 4): string =>
  Bun.password.hashSync(password, { algorithm: "bcrypt", cost });

/** Users "a" and "b", who may do anything. */
export const A = "{ user: a, password: p }";
export const B = "{ user: b, password: p }";

/** User "a" (or another) with these sections of permissions. */
export const may = (permissions: string, user = "a"): string =>
  `{ user: ${user}, password: p, permissions: { ${permissions} } }`;

/** Users of no account in particular. */
export const users = (...each: readonly string[]): string =>
  `authorization { users: [ ${each.join("\n")} ] }`;

/** An account with these users and limits. */
export const account = (name: string, users: string, limits = ""): string =>
  `${name} { users: [ ${users} ]\n limits: { ${limits} } }`;

export const accounts = (...each: readonly string[]): string => `accounts { ${each.join("\n")} }`;
