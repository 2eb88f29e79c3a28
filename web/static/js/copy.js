// "Copy" beside an address. Without the clipboard (or this script) the field is
// still there to select from.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    document.getElementById(button.dataset.status).textContent = button.dataset.done;
  });
}
