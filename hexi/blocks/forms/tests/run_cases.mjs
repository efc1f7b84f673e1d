/* Runs tests/conditions.json through the browser's module in Node: `node run_cases.mjs <module> <cases>`; prints JSON. */

import { readFileSync } from "node:fs";

const [module, cases] = process.argv.slice(2);
const { evaluate, value, visible } = await import(`data:text/javascript;base64,${readFileSync(module).toString("base64")}`);
const { evaluate: conditions, visible: shows, typed } = JSON.parse(readFileSync(cases, "utf8"));
const look = (answers) => (name) => (Object.hasOwn(answers, name) ? answers[name] : null);

console.log(
  JSON.stringify({
    evaluate: conditions.map((one) => evaluate(one.condition, look(one.answers))),
    visible: shows.map((one) => visible(one.whens, one.answers).sort()),
    typed: typed.map((one) => value(one, one.typed)),
  }),
);
