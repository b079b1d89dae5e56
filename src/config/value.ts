// What the configuration language yields: values that know where they stand, without any meaning yet.

/** A place in a file: line and column count from 1, the column in bytes. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type ConfigValue =
  | { readonly kind: "string"; readonly value: string; readonly at: Position }
  /** Whole numbers with their suffix worked in; beyond 2^53 as they are: a bigint. */
  | { readonly kind: "integer"; readonly value: number | bigint; readonly at: Position }
  | { readonly kind: "float"; readonly value: number; readonly at: Position }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: Position }
  | { readonly kind: "date"; readonly value: Date; readonly at: Position }
  | { readonly kind: "array"; readonly items: readonly ConfigValue[]; readonly at: Position }
  | ConfigMap;

export interface ConfigMap {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, ConfigEntry>;
  /** Entries whose key came again, where there are any; they count no more. */
  readonly overwritten?: readonly ConfigEntry[];
  readonly at: Position;
}

export interface ConfigEntry {
  readonly key: string;
  /** Where the key stands. */
  readonly keyAt: Position;
  readonly value: ConfigValue;
}

/** One thing that is wrong, or worth a warning. `position` is null where no file is to blame. */
export interface ConfigProblem {
  readonly position: Position | null;
  readonly message: string;
}
