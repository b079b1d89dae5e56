// Rotation of the log file by size: the file is set aside as FILE.YYYY.MM.DD.HH.MM.SS.nnnnnnnnn, and the
// oldest of those are removed. When to rotate, and telling about it, is the business of sink.ts.

import { existsSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "./clock.ts";
import { secondStamp } from "./stamp.ts";

export interface RotationRule {
  /** A file that grows past this is set aside. */
  readonly limitBytes: number;
  /** Files to keep, the one in use included; 0 for all. */
  readonly filesMax: number;
}

/** What follows the name of the file and a dot. */
const BACKUP = /^\d{4}(\.\d{2}){5}\.\d+$/;

/** Renames the file; returns its new path. */
export function setAside(path: string, clock: Clock): string {
  const now = clock();
  const second = Math.floor(now / 1e6);
  const date = secondStamp(false)(new Date(second * 1000)).replaceAll(/[/ :]/g, ".");
  let nanosecond = Math.floor((now - second * 1e6) * 1000);
  let backup: string;
  // A name already taken would be overwritten, and a log lost.
  do backup = `${path}.${date}.${String(nanosecond++).padStart(9, "0")}`;
  while (existsSync(backup));
  renameSync(path, backup);
  return backup;
}

/** Removes the oldest backups of the file; returns their names without the folder. */
export function purgeBackups(path: string, filesMax: number): string[] {
  if (filesMax <= 0) return [];
  const prefix = `${basename(path)}.`;
  const backups = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && BACKUP.test(name.slice(prefix.length)))
    .sort();
  const purged = backups.slice(0, Math.max(0, backups.length - (filesMax - 1)));
  for (const name of purged) unlinkSync(join(dirname(path), name));
  return purged;
}
