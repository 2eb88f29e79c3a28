// Dragging a booking in the timeline: the dialog shows the new time with its price
// and every reason why not before anything is saved; closing it puts the booking
// back. The server decides; the form is an ordinary one, and its page shows what
// was refused meanwhile.
const dialog = document.getElementById("drag");

export const draggable = ({version}) => Boolean(dialog && version);

// moved asks about an event that the component has moved or stretched.
export function moved({event, oldEvent, oldResource, newResource, revert}) {
  const {href, version, of} = event.extendedProps;
  const form = dialog.querySelector("form");
  const resources = swapped(of, oldResource?.id, newResource?.id);
  const fields = new URLSearchParams({start: local(event.start), end: local(event.end)});
  for (const resource of resources) fields.append("resource", resource);
  form.action = `${href}/move`;
  form.elements.version.value = version;
  const inputs = [...fields].map(([name, value]) => hidden(name, value));
  form.querySelector("[data-fields]").replaceChildren(...inputs);
  dialog.querySelector("[data-form]").href = `${href}/move?${fields}`;
  const answer = dialog.querySelector("[data-quote]");
  answer.replaceChildren();
  const save = dialog.querySelector("[data-save]");
  save.disabled = true;
  dialog.addEventListener("close", () => revert(), {once: true});
  dialog.showModal();
  quote(`${href}/change/quote?${fields}&plain=1`, answer, save);
}

async function quote(address, answer, save) {
  try {
    const response = await fetch(address, {headers: {Accept: "text/html"}, credentials: "same-origin"});
    if (!response.ok) throw new Error(`quote: ${response.status}`);
    // Our own server's part of a page, with everything in it escaped there.
    answer.innerHTML = await response.text();
    save.disabled = !answer.querySelector(".r-verdict-ok");
  } catch {
    const text = document.createElement("p");
    text.textContent = dialog.dataset.failed;
    answer.replaceChildren(text);
  }
}

// A booking of several resources keeps the others; one that shows on a row because
// it takes the row's units moves in time alone.
function swapped(of, from, to) {
  if (!from || !to || from === to || !of.includes(from)) return of;
  return of.map((resource) => (resource === from ? to : resource));
}

function hidden(name, value) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
}

// The component's dates are the site's clock, without a zone.
function local(date) {
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
