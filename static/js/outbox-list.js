// The list of what waits on this phone: what it is, since when, what the server said; to send again or throw away.

import { all, discard, retry, writer } from "./outbox-send.js";

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-quiet";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function line(entry, words) {
  const item = document.createElement("li");
  const text = new Map(entry.fields).get("text");
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  const what = document.createElement("b");
  what.textContent = words[entry.kind] ?? words.other;
  const since = document.createElement("small");
  since.textContent = [time.format(new Date(entry.made_at)), typeof text === "string" ? text.slice(0, 60) : ""].filter(Boolean).join(" · ");
  item.append(what, since);
  if (entry.refused) {
    const said = document.createElement("p");
    said.className = "field-error";
    said.textContent = entry.refused;
    item.append(said, button(words.retry, () => retry(entry.key)));
  }
  item.append(button(words.discard, () => window.confirm(words.ask) && discard(entry.key)));
  return item;
}

export default function outboxList() {
  const section = document.getElementById("outbox");
  const list = section.querySelector("ul");
  const words = section.dataset;

  async function draw() {
    const me = await writer();
    const mine = (await all()).filter(({ owner }) => !owner || owner === me);
    list.replaceChildren(...mine.map((entry) => line(entry, words)));
    section.hidden = !mine.length;
  }

  document.addEventListener("o2o:outbox", draw);
  draw();
}
