// The approval inbox by keyboard: j and k move between the requests, a approves,
// d opens the reason for declining (Escape closes it), o opens the booking. A key does nothing while
// somebody types, nor with a modifier, so the browser's own keys stay its own.
// They can be turned off (WCAG 2.2, 2.1.4) and stay off in this browser.
const rows = () => [...document.querySelectorAll("[data-request]")];
const current = () => document.querySelector("[data-request].r-current");

const off = "rigg.inbox-keys-off";
const toggle = document.querySelector("[data-keys]");
if (toggle) {
  showToggle();
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    if (localStorage.getItem(off)) localStorage.removeItem(off);
    else localStorage.setItem(off, "1");
    showToggle();
  });
}

document.addEventListener("keydown", (press) => {
  if (press.key === "Escape") leave(press.target);
  if (localStorage.getItem(off)) return;
  if (press.ctrlKey || press.metaKey || press.altKey || press.target.closest("input, textarea, select")) return;
  const act = {j: () => move(1), k: () => move(-1), a: approve, d: decline, o: open}[press.key];
  if (!act) return;
  press.preventDefault();
  act();
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-request]");
  if (row) choose(row);
});

function showToggle() {
  toggle.setAttribute("aria-pressed", String(!localStorage.getItem(off)));
}

function choose(row) {
  current()?.classList.remove("r-current");
  row.classList.add("r-current");
}

function move(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(current());
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  choose(next);
  next.focus();
  next.scrollIntoView({block: "nearest"});
}

function approve() {
  current()?.querySelector("[data-approve]")?.click();
}

function decline() {
  const details = current()?.querySelector("[data-decline]");
  if (!details) return;
  details.open = true;
  details.querySelector("textarea").focus();
}

// Escape closes the reason that is being written, and keeps it.
function leave(from) {
  const details = from.closest("details.r-reason[open]");
  if (!details) return;
  details.open = false;
  details.closest("[data-request]").focus();
}

function open() {
  current()?.querySelector("[data-open]")?.click();
}
