// Log lines that the documentation shows, and what servers say: the same, but for numbers and what is left out.

const LOG_LINE = /^(\[(INF|WRN|ERR|FTL|DBG)\]|midge:) /;

/** The log lines of a block. */
export function logLinesOf(text: string): string[] {
  return text.split("\n").filter((line) => LOG_LINE.test(line));
}

/** Numbers may be others, and … stands for anything. Nothing follows. */
export function patternOf(line: string): RegExp {
  const parts = line.split(/(\d+|…)/).map((part) => {
    if (part === "…") return ".*";
    return /^\d/.test(part) ? "-?\\d+" : RegExp.escape(part);
  });
  return new RegExp(`${parts.join("")}$`, "m");
}
