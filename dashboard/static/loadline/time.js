// Relative times go on ticking. The words are those of dashboard/moments.py.

const STEPS = [[86400, "d"], [3600, "h"], [60, "min"]];

export function age(seconds) {
  const span = Math.abs(seconds);
  if (span < 2) return "just now";
  const [size, unit] = span < 90 ? [1, "s"] : STEPS.find(([length]) => span >= length);
  const words = `${Math.floor(span / size)} ${unit}`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = age(Math.round((Date.now() - Date.parse(time.dateTime)) / 1000));
    if (time.textContent !== words) time.textContent = words;
  }
}

setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", () => document.hidden || tick());
