// Counts down to a real deadline; at zero the server is asked what became of it.

function words(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function ask(element) {
  const { reload, until } = element.dataset;
  const part = element.closest("[id]:not(main)");
  if (reload && part && window.htmx) {
    window.htmx.ajax("GET", reload, { target: part, swap: "outerHTML" });
    return;
  }
  const asked = `countdown ${location.pathname} ${until}`;
  if (sessionStorage.getItem(asked)) return;
  sessionStorage.setItem(asked, "1");
  location.reload();
}

export default function countdown(element) {
  const { until, sayMinute, sayOver } = element.dataset;
  const end = Date.parse(until);
  const face = element.querySelector("time");
  const voice = element.querySelector('[role="status"]');
  if (Number.isNaN(end) || !face) return;
  const left = () => Math.max(0, Math.round((end - Date.now()) / 1000));
  let before = left();
  // A phone whose clock runs ahead would reload for ever: what is over on arrival keeps the server's words.
  if (before === 0) return;

  function tick() {
    if (!element.isConnected) return;
    const seconds = left();
    face.textContent = words(seconds);
    if (voice && before > 60 && seconds <= 60) voice.textContent = sayMinute;
    before = seconds;
    if (seconds > 0) {
      setTimeout(tick, 1000 - ((Date.now() - end) % 1000 + 1000) % 1000 + 5);
      return;
    }
    if (voice) voice.textContent = sayOver;
    setTimeout(ask, 1200, element);
  }
  tick();
}
