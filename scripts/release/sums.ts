// SHA256SUMS, in the form that `sha256sum -c` reads.

/** One line for each file, in the order of their names. */
export function renderSums(digests: ReadonlyMap<string, string>): string {
  const names = [...digests.keys()].sort();
  return names.map((name) => `${digests.get(name)}  ${name}\n`).join("");
}

/** Of a file's bytes, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}
