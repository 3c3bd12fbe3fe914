// Dialogs with a form.

import { button, dialog, el, find } from "./dom.js";
import { unbanner } from "./shell.js";

const TOLD_FROM = 0.9; // of the most characters that a text may have, it is said how many it has

/** A dialog with a form; `act` gets the form's fields and says whether that went well: then the dialog closes. */
export function form(title, fields, yes, act, { kind = "primary", wide = false } = {}) {
  let failed = false;
  const body = el(
    "form",
    {
      class: "stack",
      on: {
        submit: async (event) => {
          event.preventDefault();
          send.disabled = true;
          if (await act(new FormData(body))) {
            if (failed) unbanner("failed"); // what was wrong with this form is right now
            shown.close("done");
          } else failed = true;
          send.disabled = false;
        },
      },
    },
    fields,
  );
  const send = el("button", { class: kind, type: "submit" }, yes);
  body.append(
    el(
      "div",
      { class: "buttons" },
      button("Cancel", () => shown.close(""), "quiet"),
      send,
    ),
  );
  const shown = dialog(title, body, { wide });
  find("textarea, select, input", body)?.focus();
  return shown;
}

/** How long a text is and may be, in characters as the service counts them; nothing while it is far from too long. */
export function length(text, most) {
  const count = Array.from(text).length;
  const over = count > most;
  const words = `${count.toLocaleString("en")} of ${most.toLocaleString("en")} characters at most`;
  if (over) return { over, words: `${words}: too long. Nothing is cut off; shorten it, and it can be saved.` };
  return { over, words: count < most * TOLD_FROM ? "" : words };
}

/** A field for a text of so many characters: one that is longer is not cut but refused, and says so. */
export function limited(area, most) {
  const said = el("small", { class: "limit", role: "status" });
  const look = () => {
    const { over, words } = length(area.value, most);
    said.textContent = words;
    said.classList.toggle("warned", over);
    area.setCustomValidity(over ? words : "");
  };
  area.addEventListener("input", look);
  look();
  return [area, said];
}
