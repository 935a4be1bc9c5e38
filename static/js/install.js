// "Put it on the home screen": offered quietly once there is something worth keeping, never again after a no.

const KEY = "o2o.install";

function isWorthIt(kept) {
  const today = new Date().toDateString();
  if (!kept) localStorage.setItem(KEY, today);
  return document.querySelector(".stub") !== null || (kept && kept !== today);
}

export async function offer(prompt) {
  let kept = "no";
  try {
    kept = localStorage.getItem(KEY) ?? "";
  } catch {
    return;
  }
  if (kept === "no" || !document.querySelector(".shell .tabs") || !isWorthIt(kept)) return;
  if (matchMedia("(display-mode: standalone)").matches || document.getElementById("install")) return;
  const answer = await fetch("/install", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const line = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("install");
  if (!line) return;
  document.getElementById("offline").after(line);
  const [yes, no] = line.querySelectorAll("button");
  yes.hidden = !prompt;
  line.querySelector("a").hidden = Boolean(prompt);
  const end = () => {
    localStorage.setItem(KEY, "no");
    line.remove();
  };
  no.addEventListener("click", end);
  yes.addEventListener("click", () => {
    prompt.prompt();
    prompt.userChoice.then(end);
  });
}
