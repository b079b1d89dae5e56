// Objects without undefined: what was not given is not there.

/** An object whose fields are missing where they could be undefined. */
export type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Takes the undefined fields out of an object, which is the caller's own. */
export function present<T extends object>(values: T): Present<T> {
  for (const key of Object.keys(values)) {
    if (Reflect.get(values, key) === undefined) Reflect.deleteProperty(values, key);
  }
  return values as Present<T>;
}

/** Makes plain objects and lists unchangeable, whatever their depth. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
