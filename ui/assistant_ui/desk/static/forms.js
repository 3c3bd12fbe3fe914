// Dialogs with a form.

import { button, dialog, el, find } from "./dom.js";

/** A dialog with a form; `act` gets the form's fields and says whether that went well: then the dialog closes. */
export function form(title, fields, yes, act, { kind = "primary", wide = false } = {}) {
  const body = el(
    "form",
    {
      class: "stack",
      on: {
        submit: async (event) => {
          event.preventDefault();
          send.disabled = true;
          if (await act(new FormData(body))) shown.close("done");
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
