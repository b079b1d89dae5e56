// What every key of the configuration file is for, in one sentence, with a value that it may have.
// The reference (docs/configuration.md) is made from this and from the tables of the keys; a server
// never loads it. Names, types, defaults and effects are not repeated here: the code knows them.
import { ABSENT } from "./describe-absent.ts";
import { ACCESS, ACCOUNTS } from "./describe-access.ts";
import { CLUSTER } from "./describe-cluster.ts";
import { FILES, LOGGING, MONITOR } from "./describe-log.ts";
import { LIMITS, LISTENER } from "./describe-server.ts";
import { TLS } from "./describe-tls.ts";

export interface KeyDescription {
  /** One sentence. */
  readonly does: string;
  /** A value in the language of the file, other than the default. */
  readonly example: string;
  /** What goes for it unless given, where no option has a default of its own. */
  readonly unset?: string;
  /** Keys of the same block with their values, without which it would not be right. */
  readonly beside?: Lines;
  /** The same for each key that is described inside of this block. */
  readonly frame?: Lines;
  /** The path of the block whose keys it has, too; they are described there. */
  readonly like?: string;
  /** Other keys at the top of the file that it needs. */
  readonly needs?: Lines;
}

type Lines = Readonly<Record<string, string>>;

/**
 * By path: the first name of each key, parted by dots; `[]` stands for each element of an array, `*` for a
 * name that the operator chose. `authorization.users[].nkey`, `accounts.*.limits`.
 */
export type Descriptions = Readonly<Record<string, KeyDescription>>;

export interface Section {
  readonly title: string;
  /** What stands before the table; Markdown. */
  readonly intro: string;
  readonly keys: Descriptions;
}

export const SECTIONS: readonly Section[] = [
  LISTENER,
  LIMITS,
  LOGGING,
  FILES,
  MONITOR,
  ACCESS,
  ACCOUNTS,
  TLS,
  CLUSTER,
  ABSENT,
];
