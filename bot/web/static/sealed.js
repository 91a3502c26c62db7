"use strict";
// Only comforts: the page works without this file.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const said = document.getElementById("said");
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = `${button.textContent.replace("Copy ", "")} is copied.`;
    } catch {
      field.select();
      said.textContent = "Your browser did not allow it. The value is selected: press Ctrl+C.";
    }
  });
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

// What is left behind in the browser's memory of the page is blank.
addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("[data-secret], [name^='secret.']")) field.value = "";
});
