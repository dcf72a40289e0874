// Runs before the first paint, so that nobody who chose a theme sees the other one flash.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    root.dataset.theme = localStorage.getItem("loadline-theme") || "system";
  } catch {
    root.dataset.theme = "system"; // storage is blocked: the system's choice stands
  }
})();
