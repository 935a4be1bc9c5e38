// The search box: suggestions come from the server; recent searches stay on this phone and are never sent.

const KEY = "o2o.searches";

function kept() {
  try {
    return JSON.parse(localStorage[KEY]).map(String);
  } catch {
    return [];
  }
}

function keep(texts) {
  try {
    localStorage[KEY] = JSON.stringify(texts.slice(0, 8));
  } catch {
    // A full or private window keeps nothing.
  }
}

const without = (text) => kept().filter((other) => other !== text);
const part = () => document.createElement("div");
const copy = (template) => template.content.firstElementChild.cloneNode(true);
const typed = (input) => input.value.trim();

export default function search(input) {
  const { form } = input;
  const [box, list, side, frame] = [0, 0, 0, 0].map(part);
  let timer = 0;
  let asked;
  let chosen = -1;

  const set = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
  set(box, { class: "hints" });
  set(list, { id: "hints", role: "listbox", "aria-label": input.placeholder });
  set(input, { role: "combobox", "aria-controls": "hints", "aria-autocomplete": "list" });
  input.after(box);
  show(false);

  async function ask(text) {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const answer = await fetch(`/suggest?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" }, signal }).catch(() => 0);
    return answer.ok ? answer.text() : "";
  }

  function show(isOpen, ...more) {
    box.replaceChildren(list, ...more);
    box.hidden = !isOpen || !list.firstChild;
    set(input, { "aria-expanded": !box.hidden });
    mark(-1);
  }

  function mark(number) {
    const { length } = list.children;
    chosen = number < -1 ? length - 1 : number < length ? number : -1;
    set(input, { "aria-activedescendant": chosen < 0 ? "" : `hint-${chosen}` });
    [...list.children].forEach((option, i) => set(option, { id: `hint-${i}`, tabindex: -1, "aria-selected": i === chosen }));
  }

  // The frame brings the words in the page's language.
  async function recent() {
    const texts = kept();
    if (texts[0] && !frame.firstChild) frame.innerHTML = await ask("");
    const [row, drop, foot] = frame.children;
    if (typed(input)) return;
    list.replaceChildren();
    side.replaceChildren();
    if (!foot) return show(false);
    for (const text of texts) {
      const option = copy(row);
      option.dataset.q = option.lastChild.textContent = text;
      list.append(option);
      const button = copy(drop);
      button.ariaLabel += `: ${text}`;
      button.onclick = () => forget(without(text));
      side.append(button);
    }
    const end = copy(foot);
    end.lastChild.onclick = () => forget([]);
    show(true, side, end);
  }

  function forget(texts) {
    keep(texts);
    input.focus();
    recent();
  }

  function look() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = typed(input);
      if (!text) return recent();
      const html = await ask(text);
      if (typed(input) !== text || document.activeElement !== input) return;
      list.innerHTML = html;
      show(true);
    }, typed(input) && 150);
  }

  function choose(option) {
    if (!option.dataset.q) return location.assign(option.href);
    input.value = option.dataset.q;
    form.requestSubmit();
  }

  input.addEventListener("input", (event) => event.isComposing || look());
  input.addEventListener("compositionend", look);
  input.addEventListener("focus", look);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked?.abort();
    const text = typed(input);
    if (text) keep([text, ...without(text)]);
    show(false);
  });
  form.addEventListener("focusout", ({ relatedTarget }) => box.contains(relatedTarget) || show(false));
  box.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    event.preventDefault();
    choose(event.target.closest("a"));
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || box.hidden) return;
    const option = list.children[chosen];
    const keys = {
      ArrowDown: () => mark(chosen + 1),
      ArrowUp: () => mark(chosen - 1),
      Escape: () => show(false),
      Enter: option && (() => choose(option)),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  look();
}
