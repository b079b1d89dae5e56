// Searches what the servers of a test run said for the secrets that its tests used. The argument is the
// folder that the run filled; `npm test` calls this at its end.
import { findLeaks, OUTPUT_KINDS } from "../test/support/secrets.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: bun scripts/secrets.ts FOLDER");
const problems = findLeaks(folder);
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${OUTPUT_KINDS.length} kinds of output, no secret in them`);
process.exitCode = problems.length > 0 ? 1 : 0;
