/* Runs tests/conditions.json through the browser's module in Node: `node run_cases.mjs <module> <cases>`; prints JSON. */

import { readFileSync } from "node:fs";

const [module, cases] = process.argv.slice(2);
const { evaluate, value, Sheet } = await import(`data:text/javascript;base64,${readFileSync(module).toString("base64")}`);
const { evaluate: conditions, visible: shows, sheets, typed } = JSON.parse(readFileSync(cases, "utf8"));
const look = (answers) => (name) => (Object.hasOwn(answers, name) ? answers[name] : null);

const rules = (whens) => Object.fromEntries(Object.entries(whens).map(([key, all]) => [key, { whens: all }]));

console.log(
  JSON.stringify({
    evaluate: conditions.map((one) => evaluate(one.condition, look(one.answers))),
    visible: shows.map((one) => new Sheet(rules(one.whens), one.answers).shown.sort()),
    sheets: sheets.map((one) => {
      const sheet = new Sheet(one.rules, one.answers, look(one.outer ?? {}));
      return Object.fromEntries(Object.keys(one.values).map((name) => [name, sheet.look(name)]));
    }),
    typed: typed.map((one) => value(one, one.typed)),
  }),
);
