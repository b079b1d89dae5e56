// Numbers of events: nobody else's, and no order in them.

/** 22 letters and digits. */
export function newId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(11))).toString("hex");
}
