// Pages work without this file. With it: a form is not sent twice by an impatient finger, and a long
// text says how much room is left.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
  // Going back restores the page as it was left, with the button still off.
  addEventListener("pageshow", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
}
for (const note of document.querySelectorAll("[data-room-of]")) {
  const area = document.getElementById(note.dataset.roomOf);
  const tell = () => {
    const room = area.maxLength - area.value.length;
    note.textContent = room < 200 ? note.dataset.roomText.replace("{room}", room) : "";
  };
  area.addEventListener("input", tell);
  tell();
}
