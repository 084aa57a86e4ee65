// What the hub's own pages do in the browser: ask before a button acts, and keep the
// numbers of a run at work, or the state of a record, up to date, and keep what is typed
// while conditions are redrawn. Without scripts everything but the editor of conditions
// works by reloading.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm)) {
    event.preventDefault();
  }
});

const PAUSE = 2000;

const show = (page, numbers) => {
  for (const [name, number] of Object.entries(numbers)) {
    const place = page.querySelector(`[data-number="${name}"]`);
    const part = page.querySelector(`[data-part="${name}"]`);
    if (place) place.textContent = number;
    if (part) part.style.flexGrow = number;
  }
};

const follow = async (page) => {
  let answer;
  try {
    const reply = await fetch(page.dataset.progress, { credentials: "same-origin" });
    if (!reply.ok) throw new Error(reply.status);
    answer = await reply.json();
  } catch {
    // The hub restarts or the line is down: ask again later.
    window.setTimeout(() => follow(page), 5 * PAUSE);
    return;
  }
  if (!answer.active) {
    window.location.reload();
    return;
  }
  for (const state of page.querySelectorAll("[data-number]:not([data-number=read])")) {
    if (!(state.dataset.number in answer.numbers)) answer.numbers[state.dataset.number] = 0;
  }
  show(page, answer.numbers);
  page.querySelector("[data-stage] .hub-badge").textContent = answer.stage;
  window.setTimeout(() => follow(page), PAUSE);
};

// For browsers that do not know field-sizing yet.
const grow = (field) => {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
};

if (!CSS.supports("field-sizing", "content")) {
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-grows]")) grow(event.target);
  });
  window.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("textarea[data-grows]").forEach(grow);
  });
}

window.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-progress]");
  if (page) window.setTimeout(() => follow(page), PAUSE);
});

// The mapping page: a default put back, a path put into the rule last typed in.
let lastRule = null;

const fill = (field, text, start, end) => {
  field.setRangeText(text, start, end, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("focusin", (event) => {
  if (event.target.matches(".hub-rule textarea")) lastRule = event.target;
});

document.addEventListener("click", (event) => {
  const restore = event.target.closest("button[data-fill]");
  const insert = event.target.closest("button[data-insert]");
  if (restore) {
    const field = document.getElementById(restore.dataset.fill);
    fill(field, restore.dataset.text, 0, field.value.length);
  } else if (insert && lastRule) {
    fill(lastRule, insert.dataset.insert, lastRule.selectionStart, lastRule.selectionEnd);
  }
});

// The hub redraws conditions: only the answer to what was asked last counts, and what is
// typed meanwhile stays.
const redraws = (event) => event.detail.target && event.detail.target.id === "editor";
const typedFields = () => [...document.querySelectorAll("#editor [data-typed]")];
let asked = 0;
let typed = [];

// Where a field is once its row or condition was moved, or one before it removed.
const followed = (id, press) => {
  const [, verb, place] = (press || "").match(/^(remove|up|down) (.+)$/) || [];
  const dot = verb ? place.lastIndexOf(".") + 1 : 0;
  const base = id.slice(0, dot);
  const rest = dot && place.startsWith(base) && id.slice(dot).match(/^(\d+)(.*)$/);
  if (!rest) return id;
  const [from, here] = [Number(place.slice(dot)), Number(rest[1])];
  if (verb === "remove") return here === from ? "" : `${base}${here - (here > from)}${rest[2]}`;
  const other = verb === "up" ? from - 1 : from + 1;
  const there = { [from]: other, [other]: from }[here] ?? here;
  return `${base}${there}${rest[2]}`;
};

document.addEventListener("input", (event) => {
  if (event.target.closest("#editor")) event.target.dataset.typed = "yes";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!redraws(event)) return;
  asked += 1;
  event.detail.xhr.asked = asked;
  for (const field of typedFields()) delete field.dataset.typed;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!redraws(event)) return;
  if (event.detail.xhr.asked !== asked) event.detail.shouldSwap = false;
  const { press } = event.detail.requestConfig.parameters;
  typed = typedFields().map((field) => ({
    id: followed(field.id, press),
    value: field.value,
    active: field === document.activeElement,
    caret: field.selectionStart,
  }));
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!redraws(event)) return;
  for (const { id, value, active, caret } of typed) {
    const field = document.getElementById(id);
    // Typing goes on where it was, never in what took its place.
    if (active && field) field.focus();
    else if (active) document.activeElement.blur();
    if (!field || field.value === value) continue;
    field.value = value;
    if (active && Number.isInteger(caret)) field.setSelectionRange(caret, caret);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  typed = [];
});
