// The two selectors tell chat.py what was chosen; the document takes the language that the page then speaks.
const selector = (name) => element.querySelector(`select[name=${name}]`);

element.addEventListener("change", () =>
  trigger("choose", { country: selector("country").value, language: selector("language").value }),
);
watch("value", () => (document.documentElement.lang = selector("language").dataset.spoken));
