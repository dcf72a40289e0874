// Every 15 s, while somebody looks, the regions marked data-refresh are read anew; every 2 s while one of them shows
// work under way. Nothing moves under a reader: a region in use (selected text, a focused field, something unfolded)
// waits, and focus survives.

const EVERY = 15000;
const WHILE_WORKING = 2000;
const SWITCH = "loadline-live";
const toggles = document.querySelectorAll("[data-live-toggle]");
let live = read();
const seen = new WeakMap();
let busy = false;

function read() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

function show(word) {
  for (const toggle of toggles) {
    toggle.setAttribute("aria-pressed", String(live));
    toggle.querySelector("[data-live-word]").textContent = word ?? (live ? "Live" : "Paused");
  }
}

function inUse(region, fresh) {
  const unfolded = (part) => part.querySelectorAll("details[open]").length;
  if (unfolded(region) > unfolded(fresh)) return true;
  const selection = getSelection();
  if (!selection.isCollapsed && region.contains(selection.anchorNode)) return true;
  const active = document.activeElement;
  return region.contains(active) && active.matches("input, select, textarea");
}

function landmark(region) {
  const active = document.activeElement;
  if (!region.contains(active)) return null;
  const href = active.getAttribute("href");
  return active.id ? `#${CSS.escape(active.id)}` : href && `a[href="${CSS.escape(href)}"]`;
}

// What a region says, without what differs on every reply: the ticking of times and the mask of form tokens.
function meaning(region) {
  const copy = region.cloneNode(true);
  for (const time of copy.querySelectorAll("time[data-relative]")) time.textContent = "";
  for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.removeAttribute("value");
  for (const fold of copy.querySelectorAll("details[data-fold]")) fold.open = true;
  return copy.className + copy.innerHTML;
}

function swap(region, fresh) {
  const said = meaning(fresh);
  const folds = region.querySelectorAll("details[data-fold]");
  for (const [at, fold] of fresh.querySelectorAll("details[data-fold]").entries()) fold.open = folds[at]?.open ?? true;
  if (seen.get(region) === said || inUse(region, fresh)) return;
  const focused = landmark(region);
  seen.set(region, said);
  region.className = fresh.className;
  region.innerHTML = fresh.innerHTML;
  if (focused) region.querySelector(focused)?.focus({ preventScroll: true });
  window.htmx?.process(region);
}

async function refresh() {
  const regions = [...document.querySelectorAll("[data-refresh][id]")];
  if (!live || busy || document.hidden || !regions.length || document.querySelector("dialog[open]")) return;
  busy = true;
  try {
    const reply = await fetch(location.href, { headers: { "X-Loadline-Refresh": "1" }, redirect: "manual" });
    if (reply.type === "opaqueredirect") {
      live = false; // the session ended; asking on would only fill the log
      show("Signed out");
      return;
    }
    if (reply.status !== 200) throw new Error(String(reply.status));
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const region of regions) {
      const fresh = page.getElementById(region.id);
      if (fresh) swap(region, fresh);
    }
    show();
  } catch {
    show("No answer");
  } finally {
    busy = false;
  }
}

for (const toggle of toggles) {
  toggle.addEventListener("click", () => {
    live = !live;
    try {
      localStorage.setItem(SWITCH, live ? "on" : "off");
    } catch {
      // Storage is blocked: the choice holds for this page.
    }
    show();
    refresh();
  });
}

for (const region of document.querySelectorAll("[data-refresh][id]")) seen.set(region, meaning(region));
show();

function later() {
  const working = document.querySelector("[data-refresh] .progress");
  setTimeout(() => refresh().finally(later), working ? WHILE_WORKING : EVERY);
}

later();
document.addEventListener("visibilitychange", refresh);
