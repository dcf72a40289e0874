// The keyboard: `/` finds, `g` goes, `j` and `k` walk the rows, `?` helps. Silent while typing, and can be turned off.

const SWITCH = "loadline-keys";
const WAIT = 1200;
const help = document.getElementById("help");
let going = 0;

function on() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

function typing(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function focusSearch() {
  const box = document.querySelector("[data-search]");
  box?.focus();
  box?.select();
}

function go(letter) {
  const link = document.querySelector(`.rail-body [data-go="${CSS.escape(letter)}"]`);
  if (link) location.assign(link.href);
}

function door(row) {
  return row.querySelector("td a[href], th a[href]");
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")].filter(door);
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + step, 0), rows.length - 1);
  if (!rows[next]) return;
  door(rows[next]).focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}

const ACTIONS = {
  "/": focusSearch,
  "?": () => help.showModal(),
  j: () => walk(1),
  k: () => walk(-1),
  g: () => {
    going = Date.now();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]") || !on()) return;
  if (Date.now() - going < WAIT && event.key !== "g") {
    going = 0;
    go(event.key);
    return;
  }
  const action = ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// In a group of host squares Tab stops once; the arrows reach the rest.
document.addEventListener("keydown", (event) => {
  const cells = event.target.closest?.("[data-cells]");
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!cells || !step) return;
  const links = [...cells.querySelectorAll("a")];
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// A click anywhere on a row opens it, unless it selects text or meant something else in the row.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-rows] tbody tr");
  if (!row || event.target.closest("a, button, input, label, summary") || String(getSelection())) return;
  door(row)?.click();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help.showModal();
});

const box = help.querySelector("[data-keys-switch]");
box.checked = on();
box.addEventListener("change", () => {
  try {
    localStorage.setItem(SWITCH, box.checked ? "on" : "off");
  } catch {
    box.checked = true;
  }
});
