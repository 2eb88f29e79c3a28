// The facility's timeline. The server sends site-local times without a zone and
// takes them back the same way: which offset they have is its business, because
// the calendar component knows no zones.
const box = document.getElementById("timeline");
if (box) mount(box).catch(() => fail(box));

async function mount(box) {
  const {source, view, date, today, open, close, step, lang} = box.dataset;
  const answer = await fetch(source, {headers: {Accept: "application/json"}, credentials: "same-origin"});
  if (!answer.ok) throw new Error(`timeline: ${answer.status}`);
  const {resources, events} = await answer.json();
  box.replaceChildren();
  const drawing = scale(view, hours(close) - hours(open));
  const calendar = window.EventCalendar.create(box, {
    view: view === "day" ? "resourceTimelineDay" : "resourceTimelineWeek",
    date,
    locale: lang,
    firstDay: 1,
    headerToolbar: {start: "", center: "", end: ""},
    height: "auto",
    slotMinTime: open,
    slotMaxTime: close,
    slotDuration: drawing.slot,
    slotLabelInterval: drawing.label,
    slotLabelFormat: {hour: "2-digit", minute: "2-digit", hourCycle: "h23"},
    snapDuration: {minutes: Number(step)},
    dayHeaderFormat: {weekday: "short", day: "numeric", month: "short"},
    scrollTime: open,
    editable: false,
    selectable: false,
    highlightedDates: [today], // the site's today: the browser's clock may be in another zone
    resources,
    events: events.map(calendarEvent),
    eventContent: ({event}) => ({domNodes: [label(event)]}),
    dateClick: ({dateStr, resource}) => book(box.dataset.form, resource.id, dateStr),
  });
  await drawn();
  fill(box, calendar, drawing);
  await drawn();
  show(box, view);
  // The component's table roles don't hold together; the list below the calendar
  // is what a screen reader should read, and its links work here too.
  for (const node of box.querySelectorAll("[role], [aria-colindex]")) {
    node.removeAttribute("role");
    node.removeAttribute("aria-colindex");
  }
}

function calendarEvent({id, resources, start, end, kind, title, href}) {
  return {
    id,
    resourceIds: resources,
    start,
    end,
    title,
    display: kind === "closed" || kind === "buffer" ? "background" : "auto",
    classNames: [`r-kind-${kind}`],
    extendedProps: {href},
  };
}

function label(event) {
  const href = event.extendedProps.href;
  const node = document.createElement(href ? "a" : "span");
  node.className = "r-event-link";
  node.textContent = event.display === "background" ? "" : event.title;
  node.title = event.title;
  if (href) node.href = href;
  return node;
}

function book(form, resource, start) {
  const query = new URLSearchParams({resource, start: start.slice(0, 16)});
  location.assign(`${form}?${query}`);
}

const hours = (clock) => Number(clock.slice(0, 2)) + Number(clock.slice(3, 5)) / 60;

// The component draws after its constructor returns, and its names take the width
// of a font that may still be on its way.
async function drawn() {
  await document.fonts.ready;
  await new Promise(requestAnimationFrame);
}

// How finely the time is drawn. A week of whole days gets coarser slots, so that
// it fits a wide screen too; where a click lands still goes by the resource's step.
function scale(view, hoursADay) {
  if (view === "day") return {slot: "00:30", label: "01:00", count: hoursADay * 2, least: 24};
  if (hoursADay > 14) return {slot: "02:00", label: "08:00", count: hoursADay / 2 * 7, least: 11};
  return {slot: "01:00", label: "04:00", count: hoursADay * 7, least: 11};
}

// The whole span fills a wide screen; on a phone it scrolls.
function fill(box, calendar, {count, least}) {
  const names = box.querySelector(".ec-sidebar").getBoundingClientRect().width;
  box.style.setProperty("--r-names", `${names}px`); // what a label must stay clear of
  calendar.setOption("slotWidth", Math.max(least, (box.clientWidth - names - 1) / count));
}

// What doesn't fit is scrolled to today; of a day that is drawn whole, to the morning.
function show(box, view) {
  const main = box.querySelector(".ec-main");
  const names = box.querySelector(".ec-sidebar").getBoundingClientRect();
  const today = box.querySelector(".ec-col-head.ec-highlight");
  if (view === "day") {
    main.scrollLeft = box.dataset.open === "00:00" ? (main.scrollWidth - names.width) / 4 : 0;
  } else {
    main.scrollLeft += today ? today.getBoundingClientRect().left - names.right : -main.scrollLeft;
  }
}

function fail(box) {
  const text = document.createElement("p");
  text.className = "r-timeline-wait";
  text.setAttribute("role", "status");
  text.textContent = box.dataset.failed;
  box.replaceChildren(text);
}
