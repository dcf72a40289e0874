// Pointing at a service shows which networks it is on, at a network who is on it; the rest steps back. The map is whole
// without this.

function lit(map, keys, own) {
  for (const rail of map.querySelectorAll(".network")) rail.classList.toggle("lit", keys.has(rail.dataset.rail));
  for (const berth of map.querySelectorAll(".berth")) {
    const on = own ? berth === own : berth.dataset.on.split(" ").some((key) => keys.has(key));
    berth.classList.toggle("lit", on);
  }
  map.classList.add("tracing");
}

function trace(event) {
  const map = event.target.closest?.(".map");
  if (!map) return;
  const berth = event.target.closest(".berth");
  const rail = event.target.closest(".network");
  if (berth) lit(map, new Set(berth.dataset.on.split(" ").filter(Boolean)), berth);
  else if (rail) lit(map, new Set([rail.dataset.rail]), null);
  else map.classList.remove("tracing");
}

function leave(event) {
  const map = event.target.closest?.(".map");
  if (map && !map.contains(event.relatedTarget)) map.classList.remove("tracing");
}

for (const name of ["pointerover", "focusin"]) document.addEventListener(name, trace);
for (const name of ["pointerout", "focusout"]) document.addEventListener(name, leave);
