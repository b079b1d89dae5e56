import { runStream } from "./stream.ts";
const task = JSON.parse(process.argv[2]!);
console.log(JSON.stringify(runStream(task.load.stream, task.terms)));
