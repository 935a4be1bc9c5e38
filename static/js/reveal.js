// The one plain script, run before the first frame: theme and text size as chosen at /display.

function dress() {
  const root = document.documentElement;
  let theme = "";
  let text = "";
  let met = "";
  try {
    theme = localStorage.getItem("o2o.theme") ?? "";
    text = localStorage.getItem("o2o.text") ?? "";
    met = localStorage.getItem("o2o.met");
  } catch {
    return; // a browser that keeps nothing shows the phone's own setting
  }
  if (met) root.dataset.met = "";
  root.dataset.theme = theme;
  root.style.fontSize = /^1(15|30|60)$/.test(text) ? `${text}%` : "";
  const dark = document.querySelector('meta[name="theme-color"][media]');
  if (dark) dark.media = { dark: "all", light: "not all" }[theme] ?? "(prefers-color-scheme: dark)";
}

dress();
document.addEventListener("o2o:display", dress);
window.addEventListener("storage", dress);

// A page transition that the browser gives up is no error: the page is there all the same.
for (const name of ["pageswap", "pagereveal"]) {
  window.addEventListener(name, ({ viewTransition }) => {
    for (const part of ["ready", "finished", "updateCallbackDone"]) viewTransition?.[part]?.catch(() => {});
  });
}
