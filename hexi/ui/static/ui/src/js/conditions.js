/* Conditions and formulas of forms in the browser: the same rules as hexi/blocks/forms/conditions.py and kinds.py, held to the same
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

const isNumber = (value) => typeof value === "number";

/* A result as both sides count it: null when it is none, or larger than what is counted exactly. */
function exact(value) {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return null;
  return value === 0 ? 0 : value;
}

const counting = (step) => (...values) =>
  values.slice(1).reduce(
    (left, right) => (left === null || !isNumber(right) ? null : exact(step(left, right))),
    isNumber(values[0]) ? exact(values[0]) : null,
  );

const minus = counting((left, right) => left - right);
const plus = counting((left, right) => left + right);

function round(value, places = 0) {
  if (!isNumber(value) || !Number.isInteger(places) || places < 0 || places > 6) return null;
  const factor = 10 ** places;
  return exact((Math.sign(value) * Math.floor(Math.abs(value) * factor + 0.5)) / factor);
}

function choose(...values) {
  for (let place = 0; place + 1 < values.length; place += 2) if (truthy(values[place])) return values[place + 1];
  return values.length % 2 ? values.at(-1) : null;
}

function sum(things, key = null) {
  const list = things === null ? [] : Array.isArray(things) ? things : [things];
  const column = list.map((part) => (Array.isArray(things) && isObject(part) ? own(part, key) : part));
  return plus(0, ...column.filter((part) => part !== null));
}

function count(things) {
  if (Array.isArray(things)) return things.length;
  return empty(things) ? 0 : 1;
}

function dayOf(text) {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.valueOf()) && moment.toISOString().slice(0, 10) === text && moment.getUTCFullYear() > 0 ? moment : null;
}

function days(start, end = null) {
  let both = 0;
  if (isObject(start) && end === null) [start, end, both] = [own(start, "from"), own(start, "to"), 1];
  const [first, last] = [dayOf(start), dayOf(end)];
  return first && last ? (last - first) / 86_400_000 + both : null;
}

function years(start, end) {
  if (!dayOf(start) || !dayOf(end)) return null;
  return Number(end.slice(0, 4)) - Number(start.slice(0, 4)) - (end.slice(5) < start.slice(5) ? 1 : 0);
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
  begins: (value, start) => typeof value === "string" && typeof start === "string" && value.startsWith(start),
  part: (value, name) => (isObject(value) && typeof name === "string" ? own(value, name) : null),
  if: choose,
  "+": plus,
  "-": (...values) => (values.length === 1 ? minus(0, values[0]) : minus(...values)),
  "*": counting((left, right) => left * right),
  "/": counting((left, right) => (right === 0 ? NaN : left / right)),
  min: counting(Math.min),
  max: counting(Math.max),
  round,
  sum,
  count,
  days,
  years,
};

/* The value of a condition; look(name) gives the answer to a field, null if it has none. */
export function evaluate(condition, look) {
  if (Array.isArray(condition)) return condition.map((part) => evaluate(part, look));
  if (!isObject(condition)) return condition;
  const [operator, operands] = Object.entries(condition)[0];
  if (operator === "var") return look(one(operands));
  return OPERATORS[operator](...many(operands).map((part) => evaluate(part, look)));
}

/* Answers under their rules {key: {whens, formula}}: what is shown, what is computed. A hidden field counts as not
   given; a name without a rule is a fact, from answers or else from outer (a row looks at the form round it). */
export class Sheet {
  #shown = new Map();
  #computed = new Map();

  constructor(rules, answers, outer = () => null) {
    Object.assign(this, { rules, answers, outer });
    this.look = (name) => this.#look(name);
  }

  shows(key) {
    if (!this.#shown.has(key)) {
      this.#shown.set(key, false);
      this.#shown.set(key, this.rules[key].whens.every((when) => truthy(evaluate(when, this.look))));
    }
    return this.#shown.get(key);
  }

  /* whether a field with this condition must be answered */
  requires(condition) {
    return truthy(evaluate(condition, this.look));
  }

  get shown() {
    return Object.keys(this.rules).filter((key) => this.shows(key));
  }

  #look(name) {
    if (!Object.hasOwn(this.rules, name)) return own(this.answers, name) ?? this.outer(name);
    if (!this.shows(name)) return null;
    const formula = this.rules[name].formula ?? null;
    if (formula === null) return own(this.answers, name);
    if (!this.#computed.has(name)) {
      this.#computed.set(name, null);
      this.#computed.set(name, evaluate(formula, this.look));
    }
    return this.#computed.get(name);
  }
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
  if (kind === "map_point") return typed.lon && typed.lat ? { lon: Number(typed.lon), lat: Number(typed.lat) } : null;
  if (kind === "signature") return typed.strokes || typed.account ? typed : null;
  if (kind === "text") return typed.trim().split(/\s+/).join(" ") || null;
  if (kind === "long_text") return typed.replace(/\r\n?/g, "\n").trim() || null;
  return compact(typed) || null;
}
