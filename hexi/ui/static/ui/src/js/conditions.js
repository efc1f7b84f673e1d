/* Conditions of forms in the browser: the same rules as hexi/blocks/forms/conditions.py and kinds.py, held to the same
   file of cases (hexi/blocks/forms/tests/conditions.json). Only a mirror: the server judges every answer again. */

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const many = (operands) => (Array.isArray(operands) ? operands : [operands]);
const one = (operands) => (Array.isArray(operands) && operands.length === 1 ? operands[0] : operands);
const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : null);

function empty(value) {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === "";
}

const truthy = (value) => !empty(value) && value !== false && value !== 0;

function same(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((part, index) => same(part, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]));
  }
  return left === right;
}

function ordered(left, right, strict) {
  if (typeof left !== typeof right || !["string", "number"].includes(typeof left)) return false;
  return left < right || (!strict && left === right);
}

const chain = (strict) => (...values) => values.slice(1).every((value, index) => ordered(values[index], value, strict));

function within(needle, hay) {
  if (Array.isArray(hay)) return hay.some((part) => same(needle, part));
  return typeof hay === "string" && typeof needle === "string" && hay.includes(needle);
}

const OPERATORS = {
  "==": same,
  "!=": (left, right) => !same(left, right),
  "<": chain(true),
  "<=": chain(false),
  ">": (left, right) => ordered(right, left, true),
  ">=": (left, right) => ordered(right, left, false),
  and: (...values) => values.every(truthy),
  or: (...values) => values.some(truthy),
  "!": (value) => !truthy(value),
  in: within,
  empty,
};

/* The value of a condition; look(name) gives the answer to a field, null if it has none. */
export function evaluate(condition, look) {
  if (Array.isArray(condition)) return condition.map((part) => evaluate(part, look));
  if (!isObject(condition)) return condition;
  const [operator, operands] = Object.entries(condition)[0];
  if (operator === "var") return look(one(operands));
  return OPERATORS[operator](...many(operands).map((part) => evaluate(part, look)));
}

/* The keys whose conditions all hold, where the answer to a hidden field counts as not given. */
export function visible(whens, answers) {
  const known = new Map();
  const look = (name) => (!Object.hasOwn(whens, name) || shows(name) ? own(answers, name) : null);
  function shows(key) {
    if (!known.has(key)) {
      known.set(key, false);
      known.set(key, whens[key].every((when) => truthy(evaluate(when, look))));
    }
    return known.get(key);
  }
  return Object.keys(whens).filter(shows);
}

const compact = (text) => text.normalize("NFKC").replace(/[\s\p{Cf}]/gu, "");

function amount(text, decimals, factor) {
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(",", "");
  const found = /^[+-]?\d{1,15}(?:\.(\d{1,15}))?$/.exec(text);
  if (!found || (found[1] ?? "").replace(/0+$/, "").length > decimals) return null;
  return factor === 1 ? Number(text) : Math.round(Number(text) * factor);
}

function day(text) {
  const found = /^(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2}))$/.exec(compact(text));
  if (!found) return null;
  const iso = found.slice(1).filter(Boolean).map((part) => part.padStart(2, "0")).join("-");
  const moment = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(moment.valueOf()) && moment.toISOString().slice(0, 10) === iso ? iso : null;
}

function bounded(value, least, most) {
  if (value === null || (least !== null && value < least) || (most !== null && value > most)) return null;
  return value;
}

/* What was typed as the value conditions look at; null if there is none or it cannot be right.
   field: {kind, decimals, min, max}, bounds already resolved (money in fen, "today" as a day). */
export function value(field, typed) {
  const { kind, decimals = 0, min = null, max = null } = field;
  if (kind === "number") return bounded(amount(compact(typed), decimals, 1), min, max);
  if (kind === "money") return bounded(amount(compact(typed).replace(/^¥/, "").replace(/元$/, ""), 2, 100), min ?? 0, max);
  if (kind === "date") return bounded(day(typed), min ?? "1900-01-01", max ?? "2199-12-31");
  if (kind === "yes_no") return { yes: true, no: false }[typed] ?? null;
  if (kind === "choices") return typed.filter(Boolean).length ? typed.filter(Boolean) : null;
  if (kind === "period") {
    const ends = { from: value({ ...field, kind: "date" }, typed.from), to: value({ ...field, kind: "date" }, typed.to) };
    return ends.from && ends.to && ends.from <= ends.to ? ends : null;
  }
  if (kind === "address") return typed.region && typed.detail.trim() ? { region: typed.region, detail: typed.detail.trim() } : null;
  if (kind === "text") return typed.trim().split(/\s+/).join(" ") || null;
  if (kind === "long_text") return typed.replace(/\r\n?/g, "\n").trim() || null;
  return compact(typed) || null;
}
