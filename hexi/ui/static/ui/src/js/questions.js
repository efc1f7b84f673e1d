// Questions of a form step: shows and hides the conditional ones while it is filled in. Without this script the server
// does the same at "save and continue". A step is <form data-questions="id of a JSON block">; the block is
// {fields: [{key, kind, decimals, min, max, whens}], rows: {group: [same]}, answers: {key: value of other sections}}.

import { value, visible } from "./conditions.js";

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
  return last();
}

function answers(form, fields, prefix = "") {
  return Object.fromEntries(fields.map((field) => [field.key, value(field, typed(form, field, prefix + field.key))]));
}

const whens = (fields) => Object.fromEntries(fields.map((field) => [field.key, field.whens]));

function show(form, fields, shown, prefix = "") {
  for (const field of fields) {
    const box = form.querySelector(`[data-field="${CSS.escape(prefix + field.key)}"]`);
    if (box) box.hidden = !shown.includes(field.key);
  }
}

function refresh(form, facts) {
  const here = { ...facts.answers, ...answers(form, facts.fields.filter((field) => field.kind !== "repeating")) };
  for (const group of Object.keys(facts.rows)) here[group] = named(form, group).map((row) => row.value).filter(Boolean);
  const shown = visible(whens(facts.fields), here);
  show(form, facts.fields, shown);
  const hidden = facts.fields.map((field) => field.key).filter((key) => !shown.includes(key));
  const outer = Object.fromEntries(Object.entries(here).filter(([key]) => !hidden.includes(key)));
  for (const [group, fields] of Object.entries(facts.rows)) {
    for (const row of here[group]) {
      const prefix = `${group}.${row}.`;
      show(form, fields, visible(whens(fields), { ...outer, ...answers(form, fields, prefix) }), prefix);
    }
  }
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
