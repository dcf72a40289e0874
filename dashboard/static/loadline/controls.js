// What can be pressed: theme, copy buttons, filters that apply themselves, the focus of an error summary.

const THEMES = ["system", "light", "dark"];
const root = document.documentElement;

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is blocked: the choice holds until the next page.
  }
}

function nameTheme() {
  const theme = root.dataset.theme;
  for (const word of document.querySelectorAll("[data-theme-word]")) {
    word.textContent = theme[0].toUpperCase() + theme.slice(1);
  }
}

function nextTheme() {
  root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
  remember("loadline-theme", root.dataset.theme);
  nameTheme();
}

function selectText(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

async function copy(button) {
  const source = button.closest(".code, .copyable").querySelector("code");
  const word = button.querySelector("[data-copy-word]");
  try {
    await navigator.clipboard.writeText(source.dataset.whole ?? source.textContent);
    button.classList.add("copied");
    word.textContent = "Copied";
  } catch {
    source.textContent = source.dataset.whole ?? source.textContent;
    selectText(source); // no clipboard over plain http: one keystroke is left to the reader
    word.textContent = "Selected, press Ctrl+C";
  }
  setTimeout(() => {
    button.classList.remove("copied");
    word.textContent = "Copy";
  }, 2000);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) nextTheme();
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

// A filter applies itself on choice; text waits for Enter. Empty fields stay out of the address.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-autosubmit], form.search")) return;
  for (const field of event.target.elements) {
    if (field.name && !field.value) field.disabled = true;
  }
});

// Back from the next page's cache, the fields that were left out can be used again.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[data-autosubmit] :disabled, form.search :disabled")) {
    field.disabled = false;
  }
});

// A telephone shows what is said in a head; the rest is one tap away. Without this script all is unfolded.
if (matchMedia("(max-width: 40rem)").matches) {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  for (const fold of document.querySelectorAll("details[data-fold]")) {
    fold.open = Boolean(named) && (fold.contains(named) || named.contains(fold));
  }
}

nameTheme();
document.querySelector("[data-focus]")?.focus();
