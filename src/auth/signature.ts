// Signatures by which an nkey proves itself (auth.md §6): Ed25519 over the characters of the nonce, checked
// off the main thread.

/** The type byte of a user's public nkey. */
const USER_PREFIX = 20 << 3;
const SIGNATURE_BYTES = 64;

/** Checks signatures; keeps the keys it decoded. */
export class SignatureVerifier {
  readonly #keys = new Map<string, Promise<CryptoKey | null>>();

  /**
   * Null when `signature` is the nkey's own over `nonce`, else what is wrong with it. The nkey has to be a
   * configured one: its key is remembered.
   */
  async check(nkey: string, nonce: string, signature: string): Promise<string | null> {
    if (signature === "") return "Signature missing";
    const bytes = decodeSignature(signature);
    if (bytes === null) return "Signature not valid base64";
    const key = await this.#keyOf(nkey);
    if (key === null) return "User nkey not valid";
    const isGood =
      bytes.length === SIGNATURE_BYTES &&
      (await crypto.subtle.verify("Ed25519", key, bytes, Buffer.from(nonce, "latin1")));
    return isGood ? null : "Signature not verified";
  }

  #keyOf(nkey: string): Promise<CryptoKey | null> {
    let key = this.#keys.get(nkey);
    if (key === undefined) this.#keys.set(nkey, (key = importNkey(nkey)));
    return key;
  }
}

/** The key in a user's public nkey; null when it is none. */
async function importNkey(nkey: string): Promise<CryptoKey | null> {
  // Loaded with the first login that needs it. Its own verifier would keep everybody waiting for 7 ms.
  const { Codec } = await import("@nats-io/nkeys/lib/codec");
  try {
    const raw = new Uint8Array(Codec.decode(USER_PREFIX, Buffer.from(nkey, "latin1")));
    return await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
}

const URL_ALPHABET = /^[\w-]*$/;
const STANDARD_PADDED = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** base64url without padding or, as older clients send it, standard base64 with; null for anything else. */
function decodeSignature(text: string): Uint8Array<ArrayBuffer> | null {
  // Line ends are no part of either.
  const digits = text.replace(/[\r\n]/g, "");
  if (URL_ALPHABET.test(digits) && digits.length % 4 !== 1) {
    return new Uint8Array(Buffer.from(digits, "base64url"));
  }
  return STANDARD_PADDED.test(digits) ? new Uint8Array(Buffer.from(digits, "base64")) : null;
}
