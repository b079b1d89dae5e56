// Keys of JetStream and of operator mode. They are checked as far as that is possible without having
// either.
import { anything, duration, oneOf, path, quotedSize, text, whole, yesNo } from "./leaves.ts";
import { block, either, key, mapOf, oneOrMore, secretKey } from "./rules.ts";

const syncInterval = either('a duration such as "2m" or always', {
  string: (value, place) =>
    value.kind === "string" && value.value.toLowerCase() === "always"
      ? value.value
      : duration("refused", 'a duration such as "2m" or always')(value, place),
  integer: duration("old form"),
});

const limits = block([
  key("max_ack_pending", whole()),
  key("max_ha_assets", whole()),
  key("max_request_batch", whole()),
  key("duplicate_window", duration("old form")),
  key("batch", anything),
]);

export const jetstream = either("true, false, enabled, disabled or a block", {
  boolean: yesNo,
  string: oneOf("enabled", "disabled", "enable", "disable", "true", "false"),
  map: block([
    key("enabled enable", yesNo),
    key("strict", yesNo),
    key("store_dir store storedir", path),
    key("max_memory_store max_mem_store max_mem", quotedSize),
    key("max_file_store max_file", quotedSize),
    key("domain", text()),
    key("sync_interval sync", syncInterval),
    secretKey("key ek encryption_key", text()),
    secretKey("prev_encryption_key prev_key prev_ek", text()),
    key("cipher", oneOf("chacha", "chachapoly", "aes")),
    key("extension_hint", text()),
    key("unique_tag", text()),
    key("limits", limits),
    secretKey("tpm", anything),
    key("max_outstanding_catchup", quotedSize),
    key("max_buffered_size", quotedSize),
    key("max_buffered_msgs", whole()),
    key("request_queue_limit", whole()),
    key("info_queue_limit", whole()),
    key("meta_compact", whole()),
    key("meta_compact_size", quotedSize),
    key("meta_compact_sync", yesNo),
    key("max_concurrent_io", whole(4, 8192, "a whole number from 4 to 8192")),
  ]),
});

/** Names of files with JWTs, or the JWTs themselves. */
export const operators = oneOrMore(text());

export const resolver = either("MEMORY, URL(…) or a block", {
  string: text(),
  map: block(
    [
      key("type", oneOf("full", "cache")),
      key("dir", path),
      key("allow_delete", yesNo),
      key("hard_delete", yesNo),
      key("interval", duration("old form")),
      key("limit", whole()),
      key("ttl", duration("old form")),
      key("timeout", duration("fine")),
    ],
    { exact: true },
  ),
});

export const textByName = mapOf(text());
export const switches = mapOf(yesNo);
