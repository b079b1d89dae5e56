// All scenes in which monitors are compared.
import { closed, many, one, slow } from "./monitor-clients.ts";
import { nobody } from "./monitor-nobody.ts";
import { accounts } from "./monitor-accounts.ts";
import { encrypted } from "./monitor-encrypted.ts";
import type { Scene } from "./monitor-scenes.ts";
import { settings } from "./monitor-settings.ts";

export const SCENES: readonly Scene[] = [
  ...nobody,
  ...one,
  ...many,
  ...closed,
  ...slow,
  ...accounts,
  ...encrypted,
  ...settings,
];
