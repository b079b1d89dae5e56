// What a server is told to do by an administrator (monitoring §21.1): to read its configuration again, to
// close a connection, to send a client elsewhere.

import { CloseReason } from "../proto/errors.ts";
import { reasonOf } from "../log/reason.ts";
import { type Data, Failure } from "./desk.ts";
import { readBody } from "./options.ts";
import type { Command } from "./subjects.ts";
import type { System } from "./system.ts";

/** Empty when it is done. Throws a Failure or a BadBody. */
export async function carryOut({ host }: System, command: Command, payload: Buffer): Promise<Data> {
  if (command === "RELOAD") {
    await reload(host.reloadFile);
    return "";
  }
  const { cid = 0 } = readBody(payload, { cid: "count" });
  const client = host.roster.get(cid);
  if (command === "KICK") {
    if (client === undefined) throw new Failure(500, "no such client or leafnode id");
    client.close(CloseReason.kicked);
  } else {
    if (client === undefined) throw new Failure(500, "no such client id");
    client.sendInfo({ ...client.host.infoFor(client), ldm: true });
  }
  return "";
}

async function reload(reloadFile: (() => Promise<void>) | undefined): Promise<void> {
  if (reloadFile === undefined) {
    throw new Failure(500, "can only reload config when a file is provided using -c or --config");
  }
  try {
    await reloadFile();
  } catch (error) {
    throw new Failure(500, reasonOf(error));
  }
}
