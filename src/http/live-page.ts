// The page as one document: markup, style and script, with nothing left to fetch. From an executable it
// comes as the build bundled it; from source it is bundled when the first browser asks.
import { resolve } from "node:path";
import page from "./page/page.html";

/** What an import of HTML is in an executable: the list of the files that it was bundled into. */
interface Bundled {
  readonly files?: readonly { readonly path: string; readonly loader: string }[];
}

interface Parts {
  readonly html: string;
  readonly css: string;
  readonly js: string;
}

const STYLE_LINK = /<link rel="stylesheet"[^>]*>/;
const SOURCE_MAP = /^\/\/# .*$/gm;
const SCRIPT = /<script type="module"[^>]*><\/script>/;

export class PageDocument {
  readonly #html: Uint8Array<ArrayBuffer>;
  readonly #gzip: Uint8Array<ArrayBuffer>;
  readonly #etag: string;
  readonly #policy: string;

  static async load(): Promise<PageDocument> {
    const { files } = page as Bundled;
    return new PageDocument(files ? await readBundle(files) : await bundle(page.index));
  }

  constructor({ html, css, js }: Parts) {
    const style = css.trim();
    // A script ends where these characters are, even inside a string. The map stays in the build.
    const script = js.replace(SOURCE_MAP, "").trim().replaceAll("</script", "<\\/script");
    const document = html
      .replace(STYLE_LINK, "")
      .replace(SCRIPT, () => `<style>${style}</style><script type="module">${script}</script>`);
    this.#html = Buffer.from(document);
    this.#gzip = Bun.gzipSync(this.#html, { level: 9 });
    this.#etag = `"${sha256(document).slice(0, 24)}"`;
    this.#policy = contentPolicy(script, style);
  }

  get size(): number {
    return this.#html.byteLength;
  }

  respond(request: Request): Response {
    const headers = new Headers(this.#headers());
    if (request.headers.get("If-None-Match") === this.#etag) {
      return new Response(null, { status: 304, headers });
    }
    headers.set("Content-Type", "text/html; charset=utf-8");
    const zipped = /\bgzip\b/.test(request.headers.get("Accept-Encoding") ?? "");
    if (zipped) headers.set("Content-Encoding", "gzip");
    return new Response(zipped ? this.#gzip : this.#html, { headers });
  }

  #headers(): Record<string, string> {
    return {
      ETag: this.#etag,
      "Cache-Control": "no-cache",
      Vary: "Accept, Accept-Encoding",
      "Content-Security-Policy": this.#policy,
      "Cross-Origin-Opener-Policy": "same-origin",
      "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
    };
  }
}

/** Only this very script and style, only this server, and no text that turns into markup. */
function contentPolicy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${sha256(script)}'`,
    `style-src 'sha256-${sha256(style)}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64");
}

async function readBundle(files: NonNullable<Bundled["files"]>): Promise<Parts> {
  const read = (loader: string): Promise<string> => {
    const file = files.find((each) => each.loader === loader);
    if (file === undefined) throw new Error(`the page was bundled without its ${loader}`);
    return Bun.file(resolve(import.meta.dir, file.path)).text();
  };
  const [html, css, js] = await Promise.all([read("html"), read("css"), read("js")]);
  return { html, css, js };
}

async function bundle(entry: string): Promise<Parts> {
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser", minify: true });
  const read = (type: string): Promise<string> => {
    const output = outputs.find((each) => each.type.startsWith(type));
    if (output === undefined) throw new Error(`the page was bundled without its ${type}`);
    return output.text();
  };
  const types = ["text/html", "text/css", "text/javascript"] as const;
  const [html, css, js] = await Promise.all(types.map(read));
  return { html: html!, css: css!, js: js! };
}
