// The booking form: when the start moves, the end follows and the length is kept,
// so that an end before its start cannot be sent by mistake. The server decides.
const form = document.getElementById("booking");
if (form) keepLength(form.elements.start, form.elements.end);
if (form) keepAnEmptyRow(form);
document.body.addEventListener("htmx:responseError", () => showLost(true));
document.body.addEventListener("htmx:sendError", () => showLost(true));
document.body.addEventListener("htmx:afterOnLoad", () => showLost(false));

function keepLength(start, end) {
  // Local clock times are compared as if they were UTC: a clock change must not
  // move the hands that the person set.
  const read = (field) => Date.parse(field.value + "Z");
  let length = read(end) - read(start);
  const remember = () => {
    const now = read(end) - read(start);
    if (now > 0) length = now;
  };
  start.addEventListener("input", () => {
    const moved = read(start) + length;
    if (length > 0 && !Number.isNaN(moved)) end.value = new Date(moved).toISOString().slice(0, 16);
    end.min = start.value;
  });
  end.addEventListener("input", remember);
}

// There is always one more row for somebody who comes along; without script, the
// server gives two.
function keepAnEmptyRow(form) {
  const rows = form.querySelector("[data-rows]");
  if (!rows) return;
  rows.addEventListener("input", () => {
    const last = rows.lastElementChild;
    const number = rows.children.length + 1;
    if (![...last.querySelectorAll("input")].some((field) => field.value) || number > 100) return;
    const next = last.cloneNode(true);
    for (const field of next.querySelectorAll("input")) {
      field.value = "";
      field.id = field.dataset.id + number;
      field.closest(".r-field").querySelector("label").htmlFor = field.id;
    }
    for (const shown of next.querySelectorAll("[data-number]")) shown.textContent = number;
    rows.append(next);
  });
}

function showLost(lost) {
  const note = document.getElementById("connection-lost");
  if (note) note.hidden = !lost;
}
