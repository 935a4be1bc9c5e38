// The search box: suggestions come from the server; recent searches stay on this phone and are never sent.

const KEY = "o2o.searches";
const MOST = 8;
const PAUSE = 150;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]").filter((text) => typeof text === "string");
  } catch {
    return [];
  }
}

function keep(texts) {
  try {
    localStorage.setItem(KEY, JSON.stringify(texts.slice(0, MOST)));
  } catch {
    // A private window keeps nothing.
  }
}

export default function search(input) {
  const { form } = input;
  const box = document.createElement("div");
  const list = document.createElement("div");
  const side = document.createElement("div");
  let frame = null;
  let timer = 0;
  let asked = null;
  let chosen = -1;

  box.className = "hints";
  box.hidden = true;
  list.id = "hints";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  box.append(list, side);
  input.parentNode.append(box);
  for (const [name, value] of [["role", "combobox"], ["aria-controls", "hints"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  const remember = (text) => text && keep([text, ...kept().filter((other) => other !== text)]);

  async function ask(text) {
    asked?.abort();
    asked = new AbortController();
    const answer = await fetch(`/suggest?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" }, signal: asked.signal });
    return answer.ok ? answer.text() : "";
  }

  function show(isOpen) {
    const options = [...list.children];
    options.forEach((option, i) => {
      option.id = `hint-${i}`;
      option.tabIndex = -1;
    });
    mark(-1);
    box.hidden = !isOpen || !options.length;
    input.setAttribute("aria-expanded", String(!box.hidden));
  }

  function mark(number) {
    const options = [...list.children];
    chosen = options.length && number >= -1 ? number % options.length : options.length - 1;
    options.forEach((option, i) => {
      option.classList.toggle("is-on", i === chosen);
      option.setAttribute("aria-selected", String(i === chosen));
    });
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `hint-${chosen}`);
  }

  // The frame brings the words in the page's language.
  async function recent() {
    const texts = kept();
    frame ??= texts.length ? document.createRange().createContextualFragment(await ask("")) : null;
    if (input.value.trim() || !frame?.firstChild) return show(false);
    const [row, drop] = frame.querySelectorAll("template");
    const foot = frame.lastElementChild.cloneNode(true);
    list.replaceChildren(...texts.map((text) => {
      const option = row.content.firstElementChild.cloneNode(true);
      option.href = `/?q=${encodeURIComponent(text)}`;
      option.dataset.q = option.querySelector("span").textContent = text;
      return option;
    }));
    side.replaceChildren(...texts.map((text) => {
      const button = drop.content.firstElementChild.cloneNode(true);
      button.ariaLabel += `: ${text}`;
      button.onclick = () => forget(text);
      return button;
    }));
    box.replaceChildren(list, side, foot);
    foot.querySelector("button").onclick = () => forget();
    show(true);
  }

  function forget(text) {
    keep(text === undefined ? [] : kept().filter((other) => other !== text));
    input.focus();
    recent();
  }

  function look() {
    clearTimeout(timer);
    const text = input.value.trim();
    if (!text) return recent();
    timer = setTimeout(async () => {
      list.innerHTML = await ask(text).catch(() => "");
      if (input.value.trim() !== text) return;
      box.replaceChildren(list);
      show(document.activeElement === input);
    }, PAUSE);
  }

  function choose(option) {
    const { q } = option.dataset;
    if (!q) return location.assign(option.href);
    input.value = q;
    form.requestSubmit();
  }

  input.addEventListener("input", (event) => event.isComposing || look());
  input.addEventListener("compositionend", look);
  input.addEventListener("focus", look);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked?.abort();
    remember(input.value.trim());
    show(false);
  });
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== input && !box.contains(relatedTarget)) show(false);
  });
  box.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(option);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || box.hidden) return;
    const option = list.children[chosen];
    const { key } = event;
    if (key === "ArrowDown") mark(chosen + 1);
    else if (key === "ArrowUp") mark(chosen < 0 ? -2 : chosen - 1);
    else if (key === "Escape") show(false);
    else if (key === "Enter" && option) choose(option);
    else if (key === "Delete" && option && side.parentNode) forget(option.dataset.q);
    else return;
    event.preventDefault();
  });
  look();
}
