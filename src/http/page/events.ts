// Server-sent events, read from the pieces that they arrive in. As much of the format as our server uses.

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

export class EventReader {
  #rest = "";

  /** The events that are complete with this piece. */
  read(piece: string): ServerEvent[] {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.map(parse);
  }
}

function parse(block: string): ServerEvent {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice("event: ".length);
    if (line.startsWith("data: ")) data.push(line.slice("data: ".length));
  }
  return { name, data: data.join("\n") };
}
