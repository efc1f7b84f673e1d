// Questions of a form step: shows and hides the conditional ones, and says which must be answered, while it is filled
// in. Without this script the server does the same at "save and continue". A step is <form data-questions="id of a JSON
// block">; the block is {fields: [{key, kind, decimals, min, max, whens, required, formula, result}], rows: {group:
// [same]}, answers: {key: value of other sections}}. A question whose duty depends on answers has data-optional, the
// word that stands behind its label while it may be left empty.

import { Sheet, value } from "./conditions.js";

const named = (form, name) => [...form.elements].filter((control) => control.name === name);

function typed(form, field, name) {
  const controls = (part) => named(form, part ? `${name}.${part}` : name);
  const last = (part) =>
    controls(part)
      .filter((control) => control.type !== "radio" || control.checked)
      .map((control) => control.value)
      .filter(Boolean)
      .at(-1) ?? "";
  if (field.kind === "choices") return controls().filter((control) => control.checked).map((control) => control.value);
  if (field.kind === "period") return { from: last("from"), to: last("to") };
  if (field.kind === "address") return { region: last("region"), detail: last("detail") };
  if (field.kind === "map_point") return { lon: last("lon"), lat: last("lat") };
  if (field.kind === "signature") return { strokes: last("strokes"), account: last("account") };
  if (field.kind === "file" || field.kind === "photo") return "";
  return last();
}

function answers(form, fields, prefix = "") {
  return Object.fromEntries(fields.map((field) => [field.key, value(field, typed(form, field, prefix + field.key))]));
}

const rules = (fields) => Object.fromEntries(fields.map((field) => [field.key, { whens: field.whens, formula: field.formula }]));

const LANGUAGE = document.documentElement.lang;
const YUAN = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

// a computed value as the server would say it; null where only the server knows the words
function said(field, result, output) {
  if (result === null) return output.dataset.none;
  if (field.result === "money") return `¥${YUAN.format(result / 100)}`;
  if (field.result === "text") return result;
  if (field.result !== "number") return null;
  const number = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: field.decimals }).format(result);
  return output.dataset.unit ? `${number} ${output.dataset.unit}` : number;
}

// kinds of many controls, none of which must be answered by itself: only the label says it
const NO_ATTRIBUTE = ["choices", "signature", "region", "period", "address", "map_point", "repeating"];

function oblige(box, field, must) {
  const label = box.querySelector("legend, label");
  if (!label) return;
  const word = label.querySelector(":scope > .soft");
  if (must) word?.remove();
  else if (!word) {
    const made = Object.assign(document.createElement("span"), { className: "soft", textContent: box.dataset.optional });
    label.append(" ", made);
  }
  if (NO_ATTRIBUTE.includes(field.kind)) return;
  const held = ["file", "photo"].includes(field.kind) && box.querySelector(".file"); // one that is kept is enough
  for (const control of box.querySelectorAll("input, select, textarea")) control.required = must && !held;
}

function show(form, fields, sheet, prefix = "") {
  for (const field of fields) {
    const box = form.querySelector(`[data-field="${CSS.escape(prefix + field.key)}"]`);
    if (!box) continue;
    box.hidden = !sheet.shows(field.key);
    if (box.dataset.optional) oblige(box, field, sheet.requires(field.required));
    const output = field.kind === "computed" ? box.querySelector("output") : null;
    const text = output ? said(field, sheet.look(field.key), output) : null;
    if (text !== null && output.textContent !== text) output.textContent = text;
  }
}

// a row as the form sees it: what is shown in it, computed values too
function row(sheet, fields, id) {
  const values = fields.map((field) => [field.key, sheet.look(field.key)]).filter(([, held]) => held !== null);
  return { id, ...Object.fromEntries(values) };
}

function refresh(form, facts) {
  const here = { ...facts.answers, ...answers(form, facts.fields.filter((field) => field.kind !== "repeating")) };
  const around = new Sheet(rules(facts.fields), here);
  const filled = {};
  for (const [group, fields] of Object.entries(facts.rows)) {
    filled[group] = [];
    for (const id of named(form, group).map((control) => control.value).filter(Boolean)) {
      const prefix = `${group}.${id}.`;
      const sheet = new Sheet(rules(fields), answers(form, fields, prefix), around.look);
      show(form, fields, sheet, prefix);
      const held = row(sheet, fields.filter((field) => field.kind !== "computed"), id);
      if (Object.keys(held).length > 1) filled[group].push(row(sheet, fields, id));
    }
  }
  show(form, facts.fields, new Sheet(rules(facts.fields), { ...here, ...filled }));
}

export function questions(root = document) {
  for (const form of root.querySelectorAll("form[data-questions]")) {
    const facts = JSON.parse(root.getElementById(form.dataset.questions).textContent);
    const again = () => refresh(form, facts);
    for (const event of ["input", "change", "htmx:afterSwap"]) form.addEventListener(event, again);
    form.querySelector("input[name=_script]").disabled = false; // tells the server that nothing was hidden unseen
    again();
  }
}
