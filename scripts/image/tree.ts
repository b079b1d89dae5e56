// What the image consists of, file by file, and how it is laid out in a folder.
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { findLibraries } from "./libraries.ts";

/** Whoever runs it is nobody in particular, and not root. */
export const USER_ID = 65532;

/** Where distributions keep the certificates of public authorities, all in one file. */
const CERTIFICATES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Stands where the kernel's file is as soon as /proc is mounted. Without any, the runtime would find no
 * bounds of its stack and abort before Midge has a chance to say what is missing: hence one mapping that
 * holds every address.
 */
const MAPS_WITHOUT_PROC = "0-ffffffffffffffff rw-p 00000000 00:00 0 [no /proc here]\n";

/** A file of the image: copied from the machine, or with this text. */
export type ImageFile =
  | { readonly path: string; readonly from: string; readonly mode: 0o755 | 0o644 }
  | { readonly path: string; readonly text: string; readonly mode: 0o644 };

/** Everything in the image but folders, in the order of the paths. */
export async function listFiles(executable: string): Promise<ImageFile[]> {
  const libraries = await findLibraries(executable);
  const files: ImageFile[] = [
    { path: "/midge", from: executable, mode: 0o755 },
    { path: "/midge.conf", from: join(import.meta.dir, "midge.conf"), mode: 0o644 },
    { path: "/etc/ssl/certs/ca-certificates.crt", from: findCertificates(), mode: 0o644 },
    { path: "/etc/passwd", text: `midge:x:${USER_ID}:${USER_ID}:Midge:/:/midge\n`, mode: 0o644 },
    { path: "/etc/group", text: `midge:x:${USER_ID}:\n`, mode: 0o644 },
    { path: "/proc/self/maps", text: MAPS_WITHOUT_PROC, mode: 0o644 },
    ...libraries.map((path): ImageFile => ({ path, from: path, mode: 0o755 })),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Puts the files and /tmp into a folder, which holds nothing else afterwards. */
export function layOut(files: readonly ImageFile[], folder: string): void {
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    for (const file of files) {
      const path = join(draft, file.path);
      makeFolders(draft, dirname(file.path));
      if ("text" in file) writeFileSync(path, file.text);
      else copyFileSync(file.from, path, constants.COPYFILE_FICLONE);
      chmodSync(path, file.mode);
    }
    mkdirSync(join(draft, "tmp"));
    chmodSync(join(draft, "tmp"), 0o1777);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** In plain sight of everybody, whatever the umask of whoever builds the image. */
function makeFolders(root: string, path: string): void {
  if (path !== "/") makeFolders(root, dirname(path));
  const folder = join(root, path);
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

function findCertificates(): string {
  const found = CERTIFICATES.find((path) => existsSync(path) && statSync(path).size > 0);
  if (found !== undefined) return found;
  throw new Error(
    "no certificates of public authorities here: install the package ca-certificates",
  );
}
