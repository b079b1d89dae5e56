// Answers and their headers (monitoring §1.4). What an endpoint returns becomes a Reply, and a Reply
// becomes a Response here and nowhere else.
import { BadParameter } from "./query.ts";

/** A long answer, made while it is read. */
export type Parts = AsyncGenerator<string, void>;

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
/** Names of functions and paths to them; the answer runs as a script in somebody's page. */
const CALLBACK = /^[A-Za-z0-9_.$[\]]{1,256}$/;

interface ReplyInit {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Data, which a page of another site may be allowed to read. */
  readonly isData?: boolean;
}

export class Reply {
  readonly status: number;
  readonly body: string | Parts;
  readonly isData: boolean;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: string | Parts, init: ReplyInit = {}) {
    this.body = body;
    this.status = init.status ?? 200;
    this.isData = init.isData ?? false;
    this.headers = { "Content-Type": init.type ?? TEXT_TYPE, ...init.headers };
  }

  /** JSON text that is ready. */
  static data(body: string | Parts, status = 200): Reply {
    return new Reply(body, { status, type: JSON_TYPE, isData: true });
  }

  static html(body: string): Reply {
    return new Reply(body, { type: "text/html; charset=utf-8" });
  }

  /** An error in words. */
  static error(status: number, text: string, headers: Record<string, string> = {}): Reply {
    return new Reply(text, {
      status,
      headers: { "X-Content-Type-Options": "nosniff", ...headers },
    });
  }

  /** The same with another body of the same kind. */
  withBody(body: string | Parts): Reply {
    const { status, headers, isData } = this;
    return new Reply(body, { status, headers, isData });
  }

  static notFound(): Reply {
    return Reply.error(404, "404 page not found\n");
  }

  /** For a page that asked for a script: its function, called with the data. Throws a BadParameter. */
  wrapped(callback: string): Reply {
    if (callback === "" || !this.isData) return this;
    if (!CALLBACK.test(callback)) {
      throw new BadParameter("invalid callback: only letters, digits and _ . $ [ ] are allowed");
    }
    const { body, status } = this;
    const script = typeof body === "string" ? `${callback}(${body})` : wrapParts(callback, body);
    const headers = { "X-Content-Type-Options": "nosniff" };
    return new Reply(script, { status, type: "application/javascript", headers, isData: true });
  }

  /** `isOpen`: pages of other sites may read the data. */
  toResponse(method: string, isOpen: boolean): Response {
    const { status, body } = this;
    const headers = new Headers(this.headers);
    if (this.isData && isOpen) headers.set("Access-Control-Allow-Origin", "*");
    if (method !== "HEAD") return new Response(body, { status, headers });
    headers.set("Date", new Date().toUTCString());
    if (typeof body === "string") return new Response(body, { status, headers });
    void body.return();
    return new Response(null, { status, headers });
  }
}

async function* wrapParts(callback: string, parts: Parts): Parts {
  yield `${callback}(`;
  yield* parts;
  yield ")";
}
