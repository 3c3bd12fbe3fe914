// The skip link moves the focus; a plain #anchor would follow the page's <base> and load it again.
element.addEventListener("click", (click) => {
  if (!click.target.closest("[data-action=skip]")) return;
  click.preventDefault();
  document.querySelector("#question textarea").focus();
});
