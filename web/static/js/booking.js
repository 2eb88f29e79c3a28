// The booking form: when the start moves, the end follows and the length is kept,
// so that an end before its start cannot be sent by mistake. The server decides.
const form = document.getElementById("booking");
if (form) keepLength(form.elements.start, form.elements.end);
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

function showLost(lost) {
  const note = document.getElementById("connection-lost");
  if (note) note.hidden = !lost;
}
